#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/kernels/cpu/nca.h"

namespace atheria {

// Cells on their way through the network, first in, first out: they wait for a block to be full,
// are perceived while the block before runs, and then have their dx until somebody takes it. Never
// allocates after its construction.
template <class Real>
class NcaQueue {
 public:
  // Where in the queue a reader is.
  struct Place {
    std::int64_t block = 0;
    int at = 0;
  };

  // Room for `cells` cells, and for a few blocks that were flushed before they were full.
  NcaQueue(std::int64_t cells, int width, const cpu::NcaProgram<Real>& program)
      : program_(&program),
        blocks_((cells + cpu::kNcaBlock - 1) / cpu::kNcaBlock + 4),
        counts_(static_cast<std::size_t>(blocks_)),
        x_(static_cast<std::size_t>(blocks_ * cpu::kNcaBlock)),
        dx_(static_cast<std::size_t>(blocks_) * kBlockLines),
        panel_(kPanelLines),
        next_panel_(kPanelLines) {
    waiting_.width = width;
  }

  void reset() {
    head_ = perceived_ = computed_ = 0;
    waiting_.count = perceived_now_ = 0;
    tail_ = {};
  }

  // Cells since reset() that were perceived, and those that have their dx.
  std::int64_t perceived() const { return perceived_; }
  std::int64_t computed() const { return computed_; }

  // Whether so many cells may be pushed now.
  bool has_room(std::int64_t cells) const {
    const auto blocks = (waiting_.count + cells + cpu::kNcaBlock - 1) / cpu::kNcaBlock;
    return head_ + 1 + blocks <= tail_.block + blocks_;
  }

  // Cells x[0..count) of a row, and the rows about it; those must stay until they are perceived.
  void push(const std::int32_t* x, int count, const Real* const* rows) {
    while (count > 0) {
      const int part = std::min(count, cpu::kNcaBlock - waiting_.count);
      std::copy_n(x, part, waiting_.x + waiting_.count);
      std::fill_n(waiting_.rows + waiting_.count, part, rows);
      waiting_.count += part;
      x += part;
      count -= part;
      if (waiting_.count == cpu::kNcaBlock) run();
    }
  }

  // Perceives and computes all that was pushed.
  void flush() {
    while (waiting_.count > 0 || perceived_now_ > 0) run();
  }

  // The next `count` cells from a place on, in parts: use(x, count, dx). They must be computed.
  template <class Use>
  void read(Place& place, std::int64_t count, const Use& use) {
    while (count > 0) {
      const int size = counts_[static_cast<std::size_t>(place.block % blocks_)];
      const int part = static_cast<int>(std::min<std::int64_t>(count, size - place.at));
      use(x_.data() + slot(place.block) + place.at, part,
          dx(place.block) + std::int64_t{place.at} * cpu::kNcaChannels);
      place.at += part;
      count -= part;
      if (place.at == size) place = {place.block + 1, 0};
    }
  }

  // read(), and they leave the queue.
  template <class Use>
  void take(std::int64_t count, const Use& use) {
    read(tail_, count, use);
  }

 private:
  static constexpr std::size_t kBlockLines =
      cpu::kNcaBlock * cpu::kNcaChannels * sizeof(Real) / sizeof(cpu::CacheLine);
  static constexpr std::size_t kPanelLines =
      cpu::kNcaBlock * cpu::kNcaMaxSeen * sizeof(Real) / sizeof(cpu::CacheLine);

  std::int64_t slot(std::int64_t block) const { return block % blocks_ * cpu::kNcaBlock; }
  Real* dx(std::int64_t block) {
    return reinterpret_cast<Real*>(dx_.data() + block % blocks_ * std::int64_t{kBlockLines});
  }

  // The block on the panel through the network, those that wait onto the panel.
  void run() {
    const auto& network = program_->kernels().network;
    if (perceived_now_ == 0) {
      network.perceive(program_->net(), waiting_, next_panel_.data());
    } else {
      network.run(program_->net(), panel_.data(), perceived_now_, dx(head_),
                  waiting_.count > 0 ? &waiting_ : nullptr, next_panel_.data());
      counts_[static_cast<std::size_t>(head_ % blocks_)] = perceived_now_;
      computed_ += perceived_now_;
      ++head_;
    }
    std::swap(panel_, next_panel_);
    std::copy_n(waiting_.x, waiting_.count, x_.data() + slot(head_));
    perceived_now_ = std::exchange(waiting_.count, 0);
    perceived_ += perceived_now_;
  }

  const cpu::NcaProgram<Real>* program_;
  std::int64_t blocks_;
  std::vector<std::int32_t> counts_;  // cells of each block
  std::vector<std::int32_t> x_;       // [blocks_][kNcaBlock]
  std::vector<cpu::CacheLine> dx_;    // [blocks_][kNcaBlock][kNcaChannels]
  std::vector<cpu::CacheLine> panel_, next_panel_;
  cpu::NcaWaiting<Real> waiting_;
  std::int64_t head_ = 0;  // the block that is computed next
  int perceived_now_ = 0;  // its cells, on the panel
  std::int64_t perceived_ = 0, computed_ = 0;
  Place tail_;
};

}  // namespace atheria
