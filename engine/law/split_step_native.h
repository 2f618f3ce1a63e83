#pragma once

#include <memory>

#include "engine/law/law.h"

namespace atheria {

// Strang's splitting (split_step.h) on the CPU without ATen: transforms of our own on strips of 16
// columns, two passes over memory a step. The motion separates, exp(-i dt (kx^2 + ky^2) / 2 mass),
// so one pass goes there and back along x, and one along y with the potential after it.
//
// Two-dimensional grids whose width is a multiple of 16 above 16, whose height is at least 2, and
// whose sides have no prime factor above 5; null for others. AVX2 and AVX-512 give the same bits;
// the portable path differs by rounding (below 1e-6 of the largest cell a step in float32).
std::unique_ptr<Stepper> native_split_stepper(const Setup& setup);

}  // namespace atheria
