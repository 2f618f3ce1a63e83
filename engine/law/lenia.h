#pragma once

#include <memory>

#include "engine/law/law.h"

// Lenia: a cellular automaton with continuous states, space and time, in which creatures live.
//
//   U = K * A;   A' = clip(A + dt G(U), 0, 1)
//   K(r) = beta[ring] core(place within the ring) inside radius R, normalised to sum 1
//   G(U) = 2 max(0, 1 - (U - mu)^2 / (9 sigma^2))^4 - 1   or   2 exp(-(U - mu)^2 / (2 sigma^2)) - 1
//
// With several channels each kernel looks at one and feeds one: A_j' = clip(A_j + dt sum_k h_k
// G_k(K_k * A_i), 0, 1). The convolution goes by FFT: over the whole torus, at a cost that does not
// depend on R.
//
// B. W.-C. Chan, "Lenia: Biology of Artificial Life", Complex Systems 28 (2019), and "Lenia and
// Expanded Universe", ALIFE 2020 (channels); the default kernels of lenia-3 are those of its
// Tessellatium gyrans.
//
// Parameters: R, mu, sigma, beta, dt, and the shapes of ring and growth; lenia-3 has a list of
// kernels instead.
namespace atheria {

std::unique_ptr<Law> make_lenia();
std::unique_ptr<Law> make_lenia3();

}  // namespace atheria
