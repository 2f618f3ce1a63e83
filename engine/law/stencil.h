#pragma once

#include <torch/types.h>

#include "engine/field/grid.h"
#include "engine/kernels/cpu/stencil.h"

// What the laws with a 5-point (2-D) or 7-point (3-D) laplacian share.
namespace atheria {

// Sum of the neighbours on the torus less 4 (6) times the cell, on dense planes [..., depth,
// height, width]. Adds in the order of the native kernels, so that both give the same bits.
at::Tensor laplacian(const at::Tensor& planes);

// Neighbours a cell has: 4 or 6.
inline int neighbours(const GridSpec& grid) { return grid.is_3d() ? 6 : 4; }

inline cpu::Shape shape_of(const GridSpec& grid) { return {grid.width, grid.height, grid.depth}; }

}  // namespace atheria
