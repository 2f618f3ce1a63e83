#pragma once

#include <vector>

#include "engine/view/cells.h"
#include "engine/view/window.h"

// From cells to a picture: what views of worlds and pictures of scripts have in common. No torch.
namespace atheria {

// One channel of the picture for each source; rows are shared out over the pool. `layer` is what
// the picture says of its place.
Picture draw(const std::vector<CellSource>& sources, const ViewSpec& spec, const Window& window,
             Reduce reduce, int layer);

// All channels of flat planes that belong to no world, as they are. Throws Error on a roi, fit or
// layer that does not exist.
Picture draw_planes(const Planes& planes, const ViewSpec& spec);

}  // namespace atheria
