#include "app/bench/start.h"

#include <cmath>

#include "engine/base/philox.h"

namespace atheria::bench {
namespace {

constexpr double kPart = 0.02;  // of the field
constexpr int kPatches = 16;    // in each direction
constexpr std::uint32_t kAlive = 3, kOf = 8;

class Cells {
 public:
  explicit Cells(const GridSpec& grid)
      : width_(grid.width),
        row_bytes_(static_cast<std::size_t>((grid.width + 63) / 64) * 8),
        bytes_(row_bytes_ * static_cast<std::size_t>(grid.height)) {}

  void live(int x, int y) {
    const auto at = static_cast<std::size_t>(y) * row_bytes_ + static_cast<std::size_t>(x) / 8;
    bytes_[at] = static_cast<std::uint8_t>(bytes_[at] | 1 << x % 8);
  }

  void soup(int left, int top, int side) {
    for (int y = top; y < top + side; ++y)
      for (int x = left; x < left + side; ++x) {
        const auto cell = static_cast<std::uint64_t>(y) * static_cast<std::uint64_t>(width_) +
                          static_cast<std::uint64_t>(x);
        if (random_block(1, 0, cell)[0] % kOf < kAlive) live(x, y);
      }
  }

  void block(int left, int top) {
    for (const int x : {left, left + 1})
      for (const int y : {top, top + 1}) live(x, y);
  }

  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  int width_;
  std::size_t row_bytes_;
  std::vector<std::uint8_t> bytes_;
};

std::vector<std::uint8_t> squares(const GridSpec& grid, int count) {
  Cells cells(grid);
  const int pitch_x = grid.width / count, pitch_y = grid.height / count;
  const int side = static_cast<int>(std::sqrt(kPart * pitch_x * pitch_y));
  for (int row = 0; row < count; ++row)
    for (int column = 0; column < count; ++column)
      cells.soup(column * pitch_x + (pitch_x - side) / 2, row * pitch_y + (pitch_y - side) / 2,
                 side);
  cells.block(1, 1);
  cells.block(grid.width - 3, grid.height - 3);
  return cells.take();
}

}  // namespace

std::vector<std::uint8_t> life_block(const GridSpec& grid) { return squares(grid, 1); }
std::vector<std::uint8_t> life_patches(const GridSpec& grid) { return squares(grid, kPatches); }

}  // namespace atheria::bench
