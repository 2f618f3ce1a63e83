#pragma once

#include <memory>

#include "engine/law/law.h"

// The wave equation with damping, by leapfrog (kick, then drift): u is known at whole steps, its
// speed w half a step earlier.
//
//   w' = ((1 - damping dt/2) w + dt c^2 lap u) / (1 + damping dt/2)
//   u' = u + dt w'
//
// lap is the 5-point (2-D) or 7-point (3-D) laplacian on cells of side 1. A plane wave obeys
// sin^2(omega dt/2) = (c dt)^2 (sin^2(kx/2) + sin^2(ky/2) + sin^2(kz/2)). Without damping the
// energy
//
//   E = sum( w (w + dt c^2 lap u) - c^2 u lap u ) / 2
//
// is conserved exactly, but for rounding. See Hairer, Lubich, Wanner, "Geometric numerical
// integration illustrated by the Stormer-Verlet method", Acta Numerica 12 (2003).
//
// Parameters: c speed in cells per unit of time, damping, dt. c dt below 1/sqrt(dimension) is
// stable; every value in range is.
namespace atheria {

std::unique_ptr<Law> make_wave();

}  // namespace atheria
