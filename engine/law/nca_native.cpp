#include "engine/law/nca_native.h"

#include <algorithm>
#include <vector>

#include "engine/base/philox.h"
#include "engine/base/pool.h"
#include "engine/law/nca_kernel.h"
#include "engine/law/nca_reference.h"

namespace atheria {
namespace {

using Flags = std::vector<std::uint8_t>;

template <class Real>
class NcaStepper final : public Stepper {
 public:
  NcaStepper(const Setup& setup, const NcaWeights& weights, double fire_rate)
      : width_(setup.grid.width),
        height_(setup.grid.height),
        cells_(setup.grid.cells()),
        seed_(setup.seed),
        threshold_(static_cast<std::uint32_t>(fire_threshold(fire_rate))),
        net_(weights.hidden(), weights.w1.const_data_ptr<double>(),
             weights.b1.const_data_ptr<double>(), weights.w2.const_data_ptr<double>(),
             weights.b2.const_data_ptr<double>()),
        next_(static_cast<std::size_t>(cells_ * nca::kChannels)),
        before_(static_cast<std::size_t>(cells_)),
        column_(before_.size()),
        near_(before_.size()) {}

  void advance(Field& field, std::uint64_t t0, std::uint32_t k, StepContext&) noexcept override {
    psi_ = static_cast<Real*>(field.planes().mutable_data_ptr());
    for (std::uint32_t i = 0; i < k; ++i) {
      step_ = t0 + i;
      rows<&NcaStepper::mark>();
      rows<&NcaStepper::update>();
      rows<&NcaStepper::settle>();
    }
  }

 private:
  // Cells of the torus around one, as offsets into a plane.
  struct Around {
    std::int64_t west, here, east;  // columns
    std::int64_t up, middle, down;  // rows, times the width
  };

  // Cells that go through the network together; may span rows.
  struct Batch {
    int count = 0;
    std::int64_t cell[nca::kLanes];
    nca::Lanes<Real> seen[nca::kSeen] = {};
    nca::Lanes<Real> dx[nca::kChannels];
  };

  // All rows done when it returns. Captures one pointer: a std::function that allocates nothing.
  template <void (NcaStepper::*body)(std::int64_t, std::int64_t)>
  void rows() {
    shared_pool().bands(
        height_, [this](std::int64_t begin, std::int64_t end) { (this->*body)(begin, end); });
  }

  std::int64_t up(std::int64_t y) const { return (y > 0 ? y - 1 : height_ - 1) * width_; }
  std::int64_t down(std::int64_t y) const { return (y + 1 < height_ ? y + 1 : 0) * width_; }

  // out of row y: whether a value above the limit is near.
  template <class Value>
  void near_row(const Value* plane, Value limit, std::int64_t y, Flags& out) {
    const auto here = y * width_;
    nca::any_near(plane + up(y), plane + here, plane + down(y), limit, width_,
                  column_.data() + here, out.data() + here);
  }

  // before_: alive before the step.
  void mark(std::int64_t begin, std::int64_t end) {
    const Real* const alpha = psi_ + 3 * cells_;
    for (auto y = begin; y < end; ++y) near_row(alpha, static_cast<Real>(kNcaAlive), y, before_);
  }

  // next_: psi, and dx added where a cell fires and something living can see it. Elsewhere the
  // answer is zero whatever dx is.
  void update(std::int64_t begin, std::int64_t end) {
    for (int c = 0; c < nca::kChannels; ++c) {
      const auto* const from = psi_ + c * cells_;
      std::copy(from + begin * width_, from + end * width_,
                next_.data() + c * cells_ + begin * width_);
    }
    Batch batch;
    for (auto y = begin; y < end; ++y) {
      near_row(before_.data(), std::uint8_t{0}, y, near_);
      for (std::int64_t x = 0; x < width_; ++x) {
        if (!near_[static_cast<std::size_t>(y * width_ + x)] || !fires(y * width_ + x)) continue;
        perceive(x, y, batch);
        if (batch.count == nca::kLanes) flush(batch);
      }
    }
    flush(batch);
  }

  bool fires(std::int64_t cell) const {
    return random_block(seed_, step_, static_cast<std::uint64_t>(cell))[0] >> 8 < threshold_;
  }

  void perceive(std::int64_t x, std::int64_t y, Batch& batch) const {
    const Around at{
        x > 0 ? x - 1 : width_ - 1, x, x + 1 < width_ ? x + 1 : 0, up(y), y * width_, down(y)};
    const int lane = batch.count++;
    batch.cell[lane] = at.middle + x;
    for (int c = 0; c < nca::kChannels; ++c) {
      const Real* const plane = psi_ + c * cells_;
      batch.seen[c][lane] = plane[at.middle + x];
      batch.seen[nca::kChannels + c][lane] = sobel_x(plane, at);
      batch.seen[2 * nca::kChannels + c][lane] = sobel_y(plane, at);
    }
  }

  static Real sobel_x(const Real* p, const Around& at) {
    const auto slope = [&](std::int64_t row) { return p[row + at.east] - p[row + at.west]; };
    return (slope(at.up) + 2 * slope(at.middle) + slope(at.down)) / 8;
  }

  static Real sobel_y(const Real* p, const Around& at) {
    const auto total = [&](std::int64_t row) {
      return p[row + at.west] + 2 * p[row + at.here] + p[row + at.east];
    };
    return (total(at.down) - total(at.up)) / 8;
  }

  void flush(Batch& batch) {
    if (batch.count == 0) return;
    nca::network(net_, batch.seen, batch.dx);
    for (int c = 0; c < nca::kChannels; ++c) {
      for (int i = 0; i < batch.count; ++i) {
        next_[static_cast<std::size_t>(c * cells_ + batch.cell[i])] += batch.dx[c][i];
      }
    }
    batch.count = 0;
  }

  // psi: next_ where alive before and after. Multiplied, not chosen: NaN must not vanish.
  void settle(std::int64_t begin, std::int64_t end) {
    const Real* const alpha = next_.data() + 3 * cells_;
    for (auto y = begin; y < end; ++y) near_row(alpha, static_cast<Real>(kNcaAlive), y, near_);
    for (int c = 0; c < nca::kChannels; ++c) {
      Real* const to = psi_ + c * cells_;
      const Real* const from = next_.data() + c * cells_;
      for (auto i = begin * width_; i < end * width_; ++i) {
        const auto cell = static_cast<std::size_t>(i);
        to[i] = from[i] * static_cast<Real>(before_[cell] & near_[cell]);
      }
    }
  }

  const std::int64_t width_, height_, cells_;
  const std::uint64_t seed_;
  const std::uint32_t threshold_;
  const nca::Net<Real> net_;
  std::vector<Real> next_;  // [kChannels][cells]
  Flags before_;            // alive at the step's start
  Flags column_, near_;     // scratch, each row its band's
  Real* psi_ = nullptr;     // these two: only during an advance
  std::uint64_t step_ = 0;
};

}  // namespace

std::unique_ptr<Stepper> nca_stepper(const Setup& setup, const NcaWeights& weights,
                                     double fire_rate) {
  if (setup.dtype == Dtype::f64) {
    return std::make_unique<NcaStepper<double>>(setup, weights, fire_rate);
  }
  return std::make_unique<NcaStepper<float>>(setup, weights, fire_rate);
}

}  // namespace atheria
