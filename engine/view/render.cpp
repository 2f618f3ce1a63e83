#include "engine/view/render.h"

#include <fmt/format.h>

#include <atomic>
#include <optional>

#include "engine/base/error.h"
#include "engine/base/pool.h"
#include "engine/view/reduce.h"
#include "engine/view/source.h"

namespace atheria {

namespace {

constexpr std::int64_t kWorthThreads =
    32'768;  // cells; fewer are done before another thread is awake

int layer_of(const GridSpec& grid, int z) {
  if (z == -1) return grid.depth / 2;
  if (z >= 0 && z < grid.depth) return z;
  throw Error(
      ErrorKind::bad_args,
      fmt::format("z is {}; the field has layers 0..{} (-1: the middle one)", z, grid.depth - 1),
      "args.z");
}

// Draws one channel of the picture, rows shared out over the pool.
Extent draw(const CellSource& source, const Window& window, Reduce reduce, float* picture,
            std::vector<Scratch>& scratches) {
  const auto rows = can_count_bits(source, window, reduce) ? count_bit_rows : reduce_rows;
  std::vector<Extent> extents(scratches.size());
  std::atomic<std::size_t> bands = 0;
  const auto band = [&](std::int64_t first, std::int64_t last) {
    const std::size_t mine = bands++;
    rows(source, window, reduce, first, last, picture, scratches[mine], extents[mine]);
  };
  if (scratches.size() == 1) {
    band(0, window.height);
  } else {
    shared_pool().bands(window.height, band);
  }
  Extent all;
  for (const Extent& extent : extents) all.add(extent);
  return all;
}

int threads_for(const Window& window, const CellSource& source) {
  const std::int64_t layers = source.depth == Depth::max ? source.now.grid.depth : 1;
  const std::int64_t cells = std::int64_t{window.roi.w} * window.roi.h * layers;
  return cells < kWorthThreads ? 1 : shared_pool().threads();
}

}  // namespace

void check_view(const LawInfo& law, const GridSpec& grid, const ViewSpec& spec) {
  find_view(law, spec.name);
  window_of(grid, spec);
  layer_of(grid, spec.z);
}

Picture render(const LawInfo& law, const Field& field, const Field* previous,
               const ViewSpec& spec) {
  const ViewInfo info = find_view(law, spec.name);
  const Window window = window_of(field.grid(), spec);
  const int layer = layer_of(field.grid(), spec.z);
  const Reduce reduce = info.cyclic && spec.reduce == Reduce::mean
                            ? Reduce::sample
                            : spec.reduce;  // no mean of angles
  const HostPlanes now(field);
  std::optional<HostPlanes> before;
  if (info.name == "change" && previous != nullptr && same_shape(field, *previous)) {
    before.emplace(*previous);
  }
  std::vector<CellSource> sources =
      sources_of(law, info.name, now.planes(), before ? before->planes() : Planes{});

  Picture picture{.spec = spec,
                  .layer = field.grid().is_3d() && spec.depth == Depth::slice ? layer : 0,
                  .roi = window.roi,
                  .lod = window.lod,
                  .width = window.width,
                  .height = window.height,
                  .channels = static_cast<int>(sources.size()),
                  .values = {}};
  const std::int64_t texels = std::int64_t{window.width} * window.height;
  picture.values.resize(texels * picture.channels);
  std::vector<Scratch> scratches(threads_for(window, sources.front()), Scratch(window));
  Extent extent;
  float* out = picture.values.data();
  for (CellSource& source : sources) {
    source.depth = field.grid().is_3d() ? spec.depth : Depth::slice;
    source.z = layer;
    extent.add(draw(source, window, reduce, out, scratches));
    out += texels;
  }
  picture.has_nan = !extent.all_finite;
  if (extent.lo <= extent.hi) {
    picture.lo = extent.lo;
    picture.hi = extent.hi;
  }
  return picture;
}

}  // namespace atheria
