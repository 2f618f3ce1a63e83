#pragma once

#include <torch/types.h>

#include <cstdint>

#include "engine/law/law.h"

namespace atheria {

// The parameters that choose a potential: potential, strength, omega, period.
ParamSchema potential_schema(const std::string& chosen);

// V at every cell, [depth, height, width] double on the CPU; undefined when there is none.
// Coordinates are in units of length, dx a cell, zero in the middle of the grid.
//
//   harmonic     mass omega^2 r^2 / 2
//   lattice      strength (sin^2(pi x/period) + sin^2(pi y/period) [+ z])
//   double-slit  a wall of height `strength` across the middle column, two slits `period` apart
//   random       smooth seeded hills, root mean square `strength`, correlated over `period`
at::Tensor potential(const Setup& setup);

}  // namespace atheria
