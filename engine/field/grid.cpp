#include "engine/field/grid.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/base/error.h"

namespace atheria {
namespace {

constexpr int kMaxSide = 65536;
constexpr std::int64_t kMaxCells = std::int64_t{1} << 33;

}  // namespace

void check_grid(const GridSpec& grid) {
  for (const int side : {grid.width, grid.height, grid.depth}) {
    if (side < 1 || side > kMaxSide)
      throw Error(ErrorKind::bad_args,
                  fmt::format("a grid's sides are 1..{}, got {}", kMaxSide, to_string(grid)),
                  "size");
  }
  if (grid.cells() > kMaxCells)
    throw Error(ErrorKind::too_large,
                fmt::format("a grid has at most {} cells, {} has {}", kMaxCells, to_string(grid),
                            grid.cells()),
                "size");
}

GridSpec parse_grid(std::string_view text) {
  int sides[3] = {1, 1, 1};
  int count = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  bool good = true;
  while (good && count < 3) {
    const auto [next, fault] = std::from_chars(at, end, sides[count]);
    good = fault == std::errc{};
    ++count;
    at = next;
    if (at == end || *at != 'x' || count == 3) break;
    ++at;
  }
  if (!good || count < 2 || at != end)
    throw Error(fmt::format("a grid is WxH or WxHxD, such as 256x256; got '{}'", text));
  const GridSpec grid{sides[0], sides[1], sides[2]};
  check_grid(grid);
  return grid;
}

std::string to_string(const GridSpec& grid) {
  return grid.is_3d() ? fmt::format("{}x{}x{}", grid.width, grid.height, grid.depth)
                      : fmt::format("{}x{}", grid.width, grid.height);
}

std::string_view to_string(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return "f32";
    case Dtype::f64:
      return "f64";
    case Dtype::bits:
      return "bits";
  }
  return "?";
}

Dtype parse_dtype(std::string_view text) {
  for (const auto dtype : {Dtype::f32, Dtype::f64, Dtype::bits})
    if (text == to_string(dtype)) return dtype;
  throw Error(ErrorKind::bad_args, fmt::format("a dtype is f32, f64 or bits; got '{}'", text),
              "dtype");
}

}  // namespace atheria
