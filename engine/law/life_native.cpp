#include "engine/law/life_native.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "engine/law/life_dense.h"
#include "engine/law/life_sparse.h"

namespace atheria {
namespace {

using Word = std::uint64_t;

// Worlds of fewer tiles are stepped whole: nothing is gained.
constexpr std::int64_t kFewTiles = 128;

// Steps of the whole world after which its tiles are looked at again, and how many of them may be
// active for it to stay so.
constexpr std::uint32_t kLookEvery = 4096;
constexpr std::uint32_t kLookSoon = 256;  // after somebody wrote the field
constexpr double kActive = 0.4;

cpu::LifeRuleMasks masks_of(const LifeRule& rule) {
  // Of a cell with `count` living cells in its square, itself among them.
  const auto next = [&](int count, bool alive) {
    if (alive) return count > 0 && (rule.survive >> (count - 1) & 1) != 0;
    return count < 9 && (rule.birth >> count & 1) != 0;
  };
  const auto mask = [](bool set) { return set ? ~Word{0} : Word{0}; };
  cpu::LifeRuleMasks masks = {};
  for (int i = 0; i < 5; ++i) {
    const bool dead_even = next(2 * i, false), dead_odd = next(2 * i + 1, false);
    const bool even = next(2 * i, true), odd = next(2 * i + 1, true);
    masks.pair[i][0] = mask(dead_even);
    masks.pair[i][1] = mask(dead_even != dead_odd);
    masks.pair[i][2] = mask(dead_even != even);
    masks.pair[i][3] = mask((dead_even != dead_odd) != (even != odd));
  }
  masks.conway = rule == LifeRule{};
  return masks;
}

class LifeStepper final : public Stepper {
 public:
  LifeStepper(const GridSpec& grid, const LifeRule& rule, const Tuning& tuning)
      : tuning_(tuning), dense_(grid, cpu::life_kernels(tuning.isa), masks_of(rule)) {
    if (tuning.sparse != Sparse::never && grid.width >= LifeSparse::kLeastWidth)
      sparse_.emplace(grid, cpu::life_kernels(tuning.isa), masks_of(rule));
    if (tuning.sparse == Sparse::automatic && sparse_ && sparse_->count() < kFewTiles)
      sparse_.reset();
    by_tiles_ = sparse_.has_value();
    reserve();
  }

  void advance(Field& field, std::uint64_t, std::uint32_t k, StepContext&) noexcept override {
    auto* const words = static_cast<Word*>(field.planes().mutable_data_ptr());
    if (words != field_) touched();
    field_ = words;
    reserve();
    while (k > 0) k -= by_tiles_ ? some_tiles(k) : everything(k);
  }

  void touched() noexcept override {
    dense_.forget();
    if (sparse_) sparse_->forget();
    until_look_ = std::min(until_look_, kLookSoon);
  }

  std::string how() const override {
    const auto isa = to_string(tuning_.isa);
    if (!by_tiles_) return fmt::format("{}, {}", isa, dense_.how());
    return fmt::format("{}, {} of {} tiles", isa, sparse_->active(), sparse_->count());
  }

 private:
  std::uint32_t some_tiles(std::uint32_t k) {
    const bool always = tuning_.sparse == Sparse::always;
    const auto most =
        always ? sparse_->count()
               : static_cast<std::int64_t>(kActive * static_cast<double>(sparse_->count()));
    const auto done = sparse_->advance(field_, scratch_, k, most);
    if (done == k) return done;
    by_tiles_ = false;
    until_look_ = kLookEvery;
    dense_.forget();  // the two share their memory
    return done;
  }

  std::uint32_t everything(std::uint32_t k) {
    if (sparse_ && until_look_ == 0) {
      by_tiles_ = true;
      sparse_->forget();
      return 0;
    }
    const auto steps = sparse_ ? std::min(k, until_look_) : k;
    dense_.advance(field_, scratch_, steps);
    if (sparse_) until_look_ -= steps;
    return steps;
  }

  // Once, unless the pool gets more threads. Written to, so that no step meets a page for the first
  // time.
  void reserve() {
    const auto words = std::max(dense_.scratch(), sparse_ ? sparse_->scratch() : 0);
    if (words <= reserved_) return;
    memory_ = at::zeros({words + kLine}, at::kLong);
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.mutable_data_ptr());
    const auto skip = (kLine - address / sizeof(Word) % kLine) % kLine;
    scratch_ = static_cast<Word*>(memory_.mutable_data_ptr()) + skip;
    reserved_ = words;
    touched();
  }

  static constexpr std::int64_t kLine = 8;  // words in a cache line

  const Tuning tuning_;
  LifeDense dense_;
  std::optional<LifeSparse> sparse_;  // where it may be worth while
  bool by_tiles_ = false;
  std::uint32_t until_look_ = 0;  // steps of the whole world
  at::Tensor memory_;
  Word* scratch_ = nullptr;
  std::int64_t reserved_ = 0;
  Word* field_ = nullptr;
};

}  // namespace

std::unique_ptr<Stepper> life_stepper(const GridSpec& grid, const LifeRule& rule,
                                      const Tuning& tuning) {
  return std::make_unique<LifeStepper>(grid, rule, tuning);
}

}  // namespace atheria
