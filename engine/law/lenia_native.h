#pragma once

#include <memory>
#include <vector>

#include "engine/law/law.h"
#include "engine/law/lenia_kernel.h"

namespace atheria {

// Lenia on the CPU without ATen. A channel is real and a kernel symmetric, so two rows go through one
// complex transform, half of the waves say all, and a kernel's transform is real; two passes over
// memory a step and kernel.
//
// Two-dimensional grids whose width is a multiple of 16 above 16, whose height is even and at least
// 4, and whose sides have no prime factor above 5; null for others. AVX2 and AVX-512 give the same
// bits; the portable path differs by rounding (below 1e-5 a step in float32).
std::unique_ptr<Stepper> native_lenia_stepper(const Setup& setup, int channels,
                                              const std::vector<LeniaKernel>& kernels);

}  // namespace atheria
