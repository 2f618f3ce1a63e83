#pragma once

#include <memory>

#include "engine/law/law.h"

// The complex Ginzburg-Landau equation: what every field of oscillators obeys near the onset of its
// oscillation.
//
//   A_t = A + (1 + i b) lap A / dx^2 - (1 + i c) |A|^2 A
//
// stepped by Heun's method (second order): P = A + dt f(A), A' = (A + P + dt f(P)) / 2. lap is the
// 5-point (2-D) or 7-point (3-D) laplacian. Plane waves A = R exp(i (q x - omega t)) have R^2 = 1 -
// Q, omega = b Q + c R^2 with Q = (2 - 2 cos q) / dx^2 for q per cell; they are unstable everywhere
// when 1 + b c < 0 (Benjamin-Feir). I. S. Aranson, L. Kramer, "The world of the complex
// Ginzburg-Landau equation", Rev. Mod. Phys. 74 (2002); regimes after H. Chate, P. Manneville,
// Physica A 224 (1996).
//
// Parameters: b linear, c nonlinear dispersion, dx side of a cell, dt. An unstable choice is
// refused with the dt that would do.
namespace atheria {

std::unique_ptr<Law> make_ginzburg_landau();

}  // namespace atheria
