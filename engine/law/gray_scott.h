#pragma once

#include <memory>

#include "engine/law/law.h"

// Gray-Scott reaction-diffusion: a chemical u is fed, v eats it (u + 2 v -> 3 v) and decays.
//
//   u' = u + dt (Du lap u - u v^2 + F (1 - u))
//   v' = v + dt (Dv lap v + u v^2 - (F + k) v)
//
// lap is the 5-point (2-D) or 7-point (3-D) laplacian on cells of side 1. J. E. Pearson, "Complex
// patterns in a simple system", Science 261 (1993); names of patterns after R. Munafo's extended
// classification (mrob.com/pub/comp/xmorphia).
//
// Parameters: F feed rate, k kill rate, Du, Dv diffusion in cells^2 per unit of time, dt. F and k
// are Pearson's. His Du = 2e-5, Dv = 1e-5 on cells of 1/102 are 0.21 and 0.105 here; the defaults
// 0.16 and 0.08, the same ratio on cells 14 % larger, keep a unit of time stable in three
// dimensions too.
namespace atheria {

std::unique_ptr<Law> make_gray_scott();

}  // namespace atheria
