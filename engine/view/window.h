#pragma once

#include "engine/field/grid.h"
#include "engine/view/view.h"

namespace atheria {

// Which cells a picture is made of, and how many of them make a texel.
struct Window {
  Roi roi;
  int lod = 0;  // a texel is 2^lod x 2^lod cells; less at the field's right and lower edge
  int width = 0, height = 0;
};

// Smallest lod whose picture fits, and the roi snapped outward to 64-texel tiles of it, clipped to
// the field: what fits is the snapped picture. Throws Error on a roi with a negative side or
// outside the field, and on a fit below 1.
Window window_of(const GridSpec& grid, const ViewSpec& spec);

}  // namespace atheria
