#include "engine/field/place.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"

namespace atheria {

Corner corner_of(const RlePattern& pattern, const GridSpec& grid) {
  if (pattern.position) {
    return {grid.width / 2 + pattern.position->x, grid.height / 2 + pattern.position->y};
  }
  return {(grid.width - pattern.width) / 2, (grid.height - pattern.height) / 2};
}

void check_fits(std::int64_t width, std::int64_t height, const GridSpec& grid) {
  if (width <= grid.width && height <= grid.height) return;
  throw Error(
      ErrorKind::too_large,
      fmt::format("the pattern is {}x{} cells, the world {}x{}: a world of at least its size "
                  "would do",
                  width, height, grid.width, grid.height),
      "init");
}

void place(Canvas& canvas, const RlePattern& pattern, Corner corner) {
  const auto& grid = canvas.grid();
  check_fits(pattern.width, pattern.height, grid);
  for (const auto& run : pattern.runs) {
    const auto y = wrapped(corner.y + run.y, grid.height);
    for (std::int64_t i = 0; i < run.length; ++i) {
      canvas.ink(wrapped(corner.x + run.x + i, grid.width), y, canvas.middle_layer(), 1);
    }
  }
}

namespace {

void append_runs(RlePattern& pattern, const std::uint8_t* row, std::int64_t y, std::int64_t width) {
  for (std::int64_t x = 0; x < width; ++x) {
    if (!row[x]) continue;
    const auto start = x;
    while (x < width && row[x]) ++x;
    pattern.runs.push_back({start, y, x - start});
  }
}

// Moves the runs to 0, 0 and says where they were.
void crop(RlePattern& pattern, const GridSpec& grid) {
  if (pattern.runs.empty()) return;
  std::int64_t left = grid.width, right = 0;
  const auto top = pattern.runs.front().y;
  pattern.height = pattern.runs.back().y + 1 - top;
  for (const auto& run : pattern.runs) {
    left = std::min(left, run.x);
    right = std::max(right, run.x + run.length);
  }
  for (auto& run : pattern.runs) {
    run.x -= left;
    run.y -= top;
  }
  pattern.width = right - left;
  pattern.position = RlePattern::Place{left - grid.width / 2, top - grid.height / 2};
}

}  // namespace

RlePattern pattern_of(const Field& field, int channel, int z) {
  const auto& grid = field.grid();
  const auto layer = field.dense()[channel][z].ne(0).to(at::kByte).cpu().contiguous();
  const auto* cells = layer.const_data_ptr<std::uint8_t>();
  RlePattern pattern;
  for (std::int64_t y = 0; y < grid.height; ++y) {
    append_runs(pattern, cells + y * grid.width, y, grid.width);
  }
  crop(pattern, grid);
  return pattern;
}

}  // namespace atheria
