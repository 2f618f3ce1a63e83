#include "engine/view/draw.h"

#include <fmt/format.h>

#include <atomic>

#include "engine/base/error.h"
#include "engine/base/pool.h"
#include "engine/view/reduce.h"

namespace atheria {
namespace {

constexpr std::int64_t kWorthThreads =
    32'768;  // cells; fewer are done before another thread is awake

// Draws one channel of the picture, rows shared out over the pool.
Extent draw_channel(const CellSource& source, const Window& window, Reduce reduce, float* picture,
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

Picture draw(const std::vector<CellSource>& sources, const ViewSpec& spec, const Window& window,
             Reduce reduce, int layer) {
  Picture picture{.spec = spec,
                  .layer = layer,
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
  for (const CellSource& source : sources) {
    extent.add(draw_channel(source, window, reduce, out, scratches));
    out += texels;
  }
  picture.has_nan = !extent.all_finite;
  if (extent.lo <= extent.hi) {
    picture.lo = extent.lo;
    picture.hi = extent.hi;
  }
  return picture;
}

Picture draw_planes(const Planes& planes, const ViewSpec& spec) {
  if (spec.z > 0)
    throw Error(ErrorKind::bad_args, fmt::format("z is {}; a flat picture has layer 0", spec.z),
                "args.z");
  const Window window = window_of(planes.grid, spec);
  std::vector<CellSource> sources(planes.channels);
  for (int channel = 0; channel < planes.channels; ++channel) {
    sources[channel].now = planes;
    sources[channel].channel = channel;
  }
  return draw(sources, spec, window, spec.reduce, 0);
}

}  // namespace atheria
