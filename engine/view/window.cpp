#include "engine/view/window.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"

namespace atheria {

namespace {

constexpr std::int64_t kTile = 64;  // texels; clients cache tiles of a level of detail

struct Span {
  int from = 0, length = 0, texels = 0;
};

// [from, from + length) cells, snapped outward to tiles of this lod, clipped to [0, side).
Span snap(int from, int length, int side, int lod) {
  const std::int64_t tile = kTile << lod;
  const std::int64_t begin = from / tile * tile;
  const std::int64_t end =
      std::min<std::int64_t>((from + std::int64_t{length} + tile - 1) / tile * tile, side);
  const std::int64_t texel = std::int64_t{1} << lod;
  return {static_cast<int>(begin), static_cast<int>(end - begin),
          static_cast<int>((end - begin + texel - 1) / texel)};
}

// What of the wish lies in the field.
Roi clipped(const GridSpec& grid, const Roi& wish) {
  const auto text = [&] { return fmt::format("[{},{},{},{}]", wish.x, wish.y, wish.w, wish.h); };
  if (wish.w < 0 || wish.h < 0) {
    throw Error(ErrorKind::bad_args, fmt::format("roi {} has a negative side", text()), "args.roi");
  }
  if (wish.w == 0 || wish.h == 0) return {0, 0, grid.width, grid.height};
  const auto clip = [](int value, std::int64_t add, int side) {
    return static_cast<int>(std::clamp<std::int64_t>(value + add, 0, side));
  };
  const int left = clip(wish.x, 0, grid.width);
  const int top = clip(wish.y, 0, grid.height);
  const Roi roi{left, top, clip(wish.x, wish.w, grid.width) - left,
                clip(wish.y, wish.h, grid.height) - top};
  if (roi.w == 0 || roi.h == 0) {
    throw Error(ErrorKind::bad_args,
                fmt::format("roi {} lies outside the field of {}x{} cells", text(), grid.width,
                            grid.height),
                "args.roi");
  }
  return roi;
}

}  // namespace

Window window_of(const GridSpec& grid, const ViewSpec& spec) {
  if (spec.fit_width < 1 || spec.fit_height < 1) {
    throw Error(ErrorKind::bad_args,
                fmt::format("fit {}x{} is no picture; each side is at least 1 texel",
                            spec.fit_width, spec.fit_height),
                "args.fit");
  }
  const Roi roi = clipped(grid, spec.roi);
  for (int lod = 0;; ++lod) {  // ends: at some level the whole field is one texel
    const Span across = snap(roi.x, roi.w, grid.width, lod);
    const Span down = snap(roi.y, roi.h, grid.height, lod);
    if (across.texels > spec.fit_width || down.texels > spec.fit_height) continue;
    return {{across.from, down.from, across.length, down.length}, lod, across.texels, down.texels};
  }
}

}  // namespace atheria
