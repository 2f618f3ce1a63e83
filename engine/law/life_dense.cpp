#include "engine/law/life_dense.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/pool.h"

namespace atheria {
namespace {

// Worlds of fewer cells are stepped by one thread: it needs less than the others need to hear of it.
constexpr std::int64_t kCellsForThreads = std::int64_t{1} << 20;

// Steps from which on the way into stripes and back pays: it costs about as much as ten, and small
// worlds gain little.
constexpr std::uint32_t kStepsForStripes = 16, kStepsForSmallStripes = 256;
constexpr std::int64_t kSmall = std::int64_t{1} << 19;

// Rows stepped before the strip to the east is, so that what both need is still near.
constexpr std::int64_t kRowsAtOnce = 32;

}  // namespace

LifeDense::LifeDense(const GridSpec& grid, const cpu::LifeKernels& kernels,
                     const cpu::LifeRuleMasks& rule)
    : kernels_(kernels), rule_(rule), rows_{grid.width, grid.height} {}

void LifeDense::plan() {
  const int threads = shared_pool().threads();
  if (threads == threads_) return;
  threads_ = threads;
  packed_ = false;
  const bool many = rows_.width * rows_.height >= kCellsForThreads;
  has_stripes_ =
      !(in_place() && !many) && cpu::plan_life_stripes(stripes_, rows_.width, rows_.height,
                                                       kernels_.lanes, many ? threads : 1);
}

std::int64_t LifeDense::scratch() {
  plan();
  const std::int64_t plain = rows_.words() * rows_.height;
  if (!has_stripes_) return plain;
  return std::max(plain, stripes_.slabs * (stripes_.slab_words + stripes_.ring_words));
}

void LifeDense::advance(Word* field, Word* scratch, std::uint32_t k) {
  const bool small = rows_.width * rows_.height < kSmall;
  if (has_stripes_ && k >= (small ? kStepsForSmallStripes : kStepsForStripes))
    return step_stripes(field, scratch, k);
  packed_ = false;
  fused_ = 1;
  if (in_place())
    step_in_place(field, scratch, k);
  else
    step_rows(field, scratch, k);
}

// A row that fits into a register is read before it is written, and but for the first none is needed
// later.
bool LifeDense::in_place() const { return rows_.words() <= kernels_.lanes; }

std::string LifeDense::how() const {
  return fused_ > 1 ? fmt::format("dense, {} steps fused", fused_) : "dense";
}

void LifeDense::step_in_place(Word* field, Word* row, std::uint32_t k) {
  auto strip = life_strip(rows_, 0, 0, rows_.height, field, field);
  strip.below[0] = row + rows_.words() - 1;
  strip.below[1] = strip.below[2] = row;
  for (std::uint32_t i = 0; i < k; ++i) {
    std::memcpy(row, field, static_cast<std::size_t>(rows_.words()) * sizeof(Word));
    kernels_.strip(strip, rule_);
  }
}

void LifeDense::step_rows(Word* field, Word* other, std::uint32_t k) {
  from_ = field;
  to_ = other;
  for (std::uint32_t i = 0; i < k; ++i) {
    if (rows_.width * rows_.height < kCellsForThreads)
      step_rows_once(0, rows_.height);
    else  // captures one pointer: a std::function that allocates nothing
      shared_pool().bands(rows_.height, [this](std::int64_t begin, std::int64_t end) {
        for (auto y = begin; y < end; y += kRowsAtOnce)
          step_rows_once(y, std::min(y + kRowsAtOnce, end));
      });
    to_ = std::exchange(from_, to_) == field ? field : other;
  }
  if (from_ != field)
    std::memcpy(field, from_,
                static_cast<std::size_t>(rows_.words() * rows_.height) * sizeof(Word));
}

void LifeDense::step_rows_once(std::int64_t begin, std::int64_t end) const {
  for (std::int64_t strip = 0; strip < rows_.strips(); ++strip)
    kernels_.strip(life_strip(rows_, strip, begin, end, from_, to_), rule_);
}

template <class Body>
void LifeDense::each_slab(const Body& body) const {
  if (stripes_.slabs == 1) return body(0);
  shared_pool().bands(stripes_.slabs, [&body](std::int64_t begin, std::int64_t end) {
    for (auto slab = begin; slab < end; ++slab) body(static_cast<int>(slab));
  });
}

void LifeDense::step_stripes(Word* field, Word* scratch, std::uint32_t k) {
  stripes_.cells = scratch;
  stripes_.rings = scratch + stripes_.slabs * stripes_.slab_words;
  to_ = field;
  if (!packed_) each_slab([this](int slab) { kernels_.pack(stripes_, slab, to_); });
  for (auto turns = (k + cpu::kLifeFused - 1) / cpu::kLifeFused; turns > 0; --turns) {
    steps_ = static_cast<int>(k / turns);
    k -= static_cast<std::uint32_t>(steps_);
    each_slab([this](int slab) { kernels_.margins(stripes_, slab, steps_); });
    each_slab([this](int slab) { kernels_.step(stripes_, slab, steps_, rule_); });
  }
  each_slab([this](int slab) { kernels_.unpack(stripes_, slab, to_); });
  packed_ = true;
  fused_ = steps_;
}

}  // namespace atheria
