#pragma once

#include <torch/types.h>

#include "engine/field/grid.h"

// What the laws that go by Fourier transforms share. Tensors are [..., depth, height, width]; a
// depth of 1 is left out of the transform.
namespace atheria {

// The transform over all axes of the grid and its inverse, complex to complex. One axis after the
// other: MKL's own transforms over several axes give other bits on other numbers of threads for
// some sizes (found by the contract suite).
at::Tensor forward(at::Tensor psi, const GridSpec& grid);
at::Tensor inverse(at::Tensor modes, const GridSpec& grid);

// The same for real planes: modes are [..., depth, height, width/2 + 1].
at::Tensor forward_real(const at::Tensor& planes, const GridSpec& grid);
at::Tensor inverse_real(at::Tensor modes, const GridSpec& grid);

// The angular wave number of each mode of fftn, per cell: one axis of it, shaped so that the axes
// broadcast. axis 0 is x. Double, on the CPU.
at::Tensor wave_number(const GridSpec& grid, int axis);

// Squared length of the wave vector, [depth, height, width], per cell.
at::Tensor wave_number_squared(const GridSpec& grid);

// Position of each cell relative to the middle of the grid, in cells, shaped so that the axes
// broadcast.
at::Tensor position(const GridSpec& grid, int axis);

// exp(i angle) as complex128, from double.
at::Tensor unit_phase(const at::Tensor& angle);

// complex64 for f32, complex128 for f64.
at::ScalarType complex_type(Dtype dtype);

// Planes (re, im) as one complex tensor, and back. Both copy.
at::Tensor to_complex(const at::Tensor& planes);
at::Tensor to_planes(const at::Tensor& psi);

}  // namespace atheria
