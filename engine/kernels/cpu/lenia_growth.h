#pragma once

#include "engine/kernels/cpu/fft_lanes.h"

// What a cell makes of what it sees (engine/law/lenia.h), for sources compiled by
// atheria_isa_kernels.
namespace atheria::cpu::ATHERIA_ISA {

// 2^x = 2^n 2^f, f within a half; 2^f to 3e-9 in float, 4e-18 in double, before rounding.
template <class T>
inline constexpr T kPower2[] = {T(1),
                                T(0.69314718055994530925L),
                                T(0.24022650695910159567L),
                                T(0.055504108664821627039L),
                                T(0.0096181291075872566681L),
                                T(0.0013333558146406470697L),
                                T(1.5403530463724354209e-4L),
                                T(1.5252733841556772589e-5L),
                                T(1.3215432535912376166e-6L),
                                T(1.0178057087733941105e-7L),
                                T(7.0741942972885210056e-9L),
                                T(4.455817908336064493e-10L)};
template <>
inline constexpr float kPower2<float>[] = {1.0F,
                                           0.693147206702F,
                                           0.240226509222F,
                                           0.0555032722667F,
                                           0.00961805667852F,
                                           0.00134004281776F,
                                           1.54614446987e-4F};

// For x up to 0; below -125 (-1021) it stays at what that has.
template <class T>
ATHERIA_LANES_INLINE Lanes<T> power2(Lanes<T> x) {
  constexpr int kTerms = sizeof kPower2<T> / sizeof(T);
  x = at_least(x, Lanes<T>::all(sizeof(T) == 4 ? T(-125) : T(-1021)));
  const auto n = nearest(x);
  const auto f = x - n;
  auto sum = Lanes<T>::all(kPower2<T>[kTerms - 1]);
  ATHERIA_UNROLL for (int i = kTerms - 2; i >= 0; --i) sum =
      mul_add(sum, f, Lanes<T>::all(kPower2<T>[i]));
  return times_two_to(sum, n);
}

// 0 to 1: 1 at mu.
template <bool Gaussian, class T>
ATHERIA_LANES_INLINE Lanes<T> bump(Lanes<T> u, T mu, T sharpness) {
  const auto off = u - Lanes<T>::all(mu);
  const auto square = off * off;
  if constexpr (Gaussian) return power2<T>(square * Lanes<T>::all(sharpness));
  const auto one = Lanes<T>::all(T(1));
  const auto rest = at_least(sub_mul(one, square, Lanes<T>::all(sharpness)), Lanes<T>::all(T(0)));
  const auto twice = rest * rest;
  return twice * twice;
}

template <class T>
ATHERIA_LANES_INLINE Lanes<T> clipped(Lanes<T> a) {
  return at_most(at_least(a, Lanes<T>::all(T(0))), Lanes<T>::all(T(1)));
}

}  // namespace atheria::cpu::ATHERIA_ISA
