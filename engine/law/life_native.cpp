#include "engine/law/life_native.h"

#include <cstring>
#include <utility>
#include <vector>

#include "engine/base/pool.h"
#include "engine/law/life_kernel.h"

namespace atheria {
namespace {

using life::Row;
using life::Word;

class LifeStepper final : public Stepper {
 public:
  LifeStepper(const GridSpec& grid, const LifeRule& rule)
      : height_(grid.height),
        words_((grid.width + 63) / 64),
        last_((grid.width - 1) % 64 + 1),
        conway_(rule == LifeRule{}),
        masks_(rule),
        other_(static_cast<std::size_t>(height_ * words_)) {}

  void advance(Field& field, std::uint64_t, std::uint32_t k, StepContext&) noexcept override {
    auto* const home = static_cast<Word*>(field.planes().mutable_data_ptr());
    from_ = home;
    to_ = other_.data();
    for (std::uint32_t i = 0; i < k; ++i) {
      // Captures one pointer: a std::function that allocates nothing.
      shared_pool().bands(height_, [this](std::int64_t begin, std::int64_t end) {
        for (auto y = begin; y < end; ++y) step_row(y);
      });
      std::swap(from_, to_);
    }
    if (from_ != home) std::memcpy(home, from_, other_.size() * sizeof(Word));
  }

 private:
  Row row(std::int64_t y) const {
    const auto wrapped = y < 0 ? height_ - 1 : y == height_ ? 0 : y;
    return {from_ + wrapped * words_, words_, last_};
  }

  void step_row(std::int64_t y) const {
    Word* const out = to_ + y * words_;
    if (conway_) {
      life::step_conway(row(y - 1), row(y), row(y + 1), out);
    } else {
      life::step_any(row(y - 1), row(y), row(y + 1), out, masks_);
    }
  }

  const std::int64_t height_;
  const std::int64_t words_;  // a row
  const int last_;            // cells in a row's last word
  const bool conway_;
  const life::RuleMasks masks_;
  std::vector<Word> other_;  // the second buffer
  Word* from_ = nullptr;     // these two: only during an advance
  Word* to_ = nullptr;
};

}  // namespace

std::unique_ptr<Stepper> life_stepper(const GridSpec& grid, const LifeRule& rule) {
  return std::make_unique<LifeStepper>(grid, rule);
}

}  // namespace atheria
