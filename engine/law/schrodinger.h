#pragma once

#include <memory>

#include "engine/law/law.h"

// A quantum particle, and a Bose-Einstein condensate, on a torus; hbar = 1.
//
//   i psi_t = -(1 / 2 mass) laplacian psi + V psi + g |psi|^2 psi
//
// One step is Strang's splitting: half a step of the potential, a whole step of the motion, half a step of the potential.
// Each is exact: the potential turns the phase of every cell (|psi| stays), the motion turns the phase of every plane wave,
//
//   psi <- exp(-i dt/2 (V + g |psi|^2)) psi;   psi <- IFFT exp(-i dt k^2 / 2 mass) FFT psi;   and the first again,
//
// so the norm is conserved but for rounding, and the energy to second order in dt. The derivative is spectral: a free
// plane wave is exact. For g != 0 keep dt below 2 pi mass dx^2 / (pi^2 dimension): beyond, the splitting itself can feed
// ripples. T. R. Taha, M. J. Ablowitz, J. Comput. Phys. 55 (1984); W. Bao, D. Jaksch, P. Markowich, J. Comput. Phys. 187 (2003).
//
// Parameters: mass, g, dt, dx, and the potential's (see potential.h). schrodinger starts with g = 0, gross-pitaevskii with
// a trapped condensate; they are one law with other defaults.
namespace atheria {

std::unique_ptr<Law> make_schrodinger();
std::unique_ptr<Law> make_gross_pitaevskii();

}  // namespace atheria
