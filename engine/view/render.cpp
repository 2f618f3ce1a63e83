#include "engine/view/render.h"

#include <fmt/format.h>

#include <optional>

#include "engine/base/error.h"
#include "engine/view/draw.h"
#include "engine/view/source.h"

namespace atheria {

namespace {

int layer_of(const GridSpec& grid, int z) {
  if (z == -1) return grid.depth / 2;
  if (z >= 0 && z < grid.depth) return z;
  throw Error(
      ErrorKind::bad_args,
      fmt::format("z is {}; the field has layers 0..{} (-1: the middle one)", z, grid.depth - 1),
      "args.z");
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

  for (CellSource& source : sources) {
    source.depth = field.grid().is_3d() ? spec.depth : Depth::slice;
    source.z = layer;
  }
  return draw(sources, spec, window, reduce,
              field.grid().is_3d() && spec.depth == Depth::slice ? layer : 0);
}

}  // namespace atheria
