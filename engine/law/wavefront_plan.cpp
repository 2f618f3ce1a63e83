#include "engine/law/wavefront_plan.h"

#include <algorithm>

namespace atheria {
namespace {

// Below this many cells a pass takes less time than meeting the other threads.
constexpr std::int64_t kWorthSharing = 1 << 13;

// Of the second-level cache, for the lines of all levels: the rest is for rows on their way in and
// out.
constexpr std::int64_t kCacheBytes = 640 << 10;

// Longer sweeps gain nothing: by then arithmetic takes the time.
constexpr int kFlatLevels = 8;
constexpr int kDeepLevels = 4;

// A row of a level in three dimensions, of all channels and the layers that are kept.
std::int64_t deep_row_bytes(const cpu::Shape& shape, int number_bytes) {
  return 3 * cpu::kStencilChannels * (shape.width + 16) * number_bytes;
}

// Rows of a block whose lines fit the cache.
std::int64_t block_rows(const cpu::Shape& shape, int levels, int number_bytes) {
  const int kept = std::max(levels - 1, 1);  // level 0 is read where it is
  const auto rows = kCacheBytes / (kept * deep_row_bytes(shape, number_bytes)) - 2 * levels;
  return std::clamp<std::int64_t>(rows, std::min<std::int64_t>(shape.height, 2 * levels),
                                  shape.height);
}

// Time of a level for a cell, to be compared: arithmetic is 1, a cell's way from and to memory 2,
// which all levels of a pass share. Both grow by what is computed, or read, twice.
double deep_cost(const cpu::Shape& shape, int levels, int number_bytes, std::int64_t layers) {
  const auto rows = static_cast<double>(block_rows(shape, levels, number_bytes));
  const auto lines = static_cast<double>(layers);
  const double more = levels - 1, twice = 2.0 * levels;
  return (1 + more / rows) * (1 + more / lines) +
         2 * (1 + twice / rows) * (1 + twice / lines) / levels;
}

int deep_levels(const cpu::Shape& shape, int stages, int number_bytes, std::int64_t layers) {
  int best = stages;
  for (int levels = stages; levels <= kDeepLevels; levels += stages)
    if (deep_cost(shape, levels, number_bytes, layers) <
        deep_cost(shape, best, number_bytes, layers))
      best = levels;
  return best;
}

// A band computes levels - 1 rows more than it has, on average over its levels: an eighth at most.
int flat_levels(std::int64_t rows, int stages) {
  const auto levels = static_cast<int>(std::min<std::int64_t>(rows / 8, kFlatLevels));
  return std::max(levels / stages * stages, stages);
}

}  // namespace

WavefrontPlan plan_wavefront(const cpu::Shape& shape, int stages, int number_bytes, int threads) {
  const bool deep = shape.depth > 1;
  const auto lines = deep ? shape.depth : shape.height;
  const auto most = std::max<std::int64_t>(lines / (deep ? 4 : 16), 1);
  WavefrontPlan plan;
  if (shape.width * shape.height * shape.depth >= kWorthSharing)
    plan.bands = static_cast<int>(std::min<std::int64_t>(threads, most));
  const auto share = lines / plan.bands;
  if (!deep) {
    plan.levels = flat_levels(share, stages);
    return plan;
  }
  plan.levels = deep_levels(shape, stages, number_bytes, share);
  const auto rows = block_rows(shape, plan.levels, number_bytes);
  plan.blocks = static_cast<int>((shape.height + rows - 1) / rows);
  return plan;
}

}  // namespace atheria
