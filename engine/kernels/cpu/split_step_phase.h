#pragma once

#include "engine/kernels/cpu/fft_vector.h"
#include "engine/kernels/cpu/split_step_data.h"

// Half a step of the potential: psi times exp(-i dt/2 (V + g |psi|^2)). after(z, at) takes what
// lies at strips + at: a vector or lanes of it. kLong: so many operations wait for each other that
// two turns of a vector in a row would leave the machine idle.
namespace atheria::cpu::ATHERIA_ISA {

template <class T>
struct NoPhase {
  static constexpr bool kLong = false;
  ATHERIA_LANES_INLINE Number<T> after(Number<T> z, std::int64_t) const { return z; }
};

template <class T>
struct FixedPhase {
  static constexpr bool kLong = false;
  const T* table;
  ATHERIA_LANES_INLINE Number<T> after(Number<T> z, std::int64_t at) const {
    return turned(z, load(table + at));
  }
};

// cos and sin of the sixteenths of a turn. In float the odd ones are 1.5e-8 too long, as the
// diagonals are 1.7e-8 too short (see kCosine).
template <class T>
inline constexpr T kLong = kCosine<T>;
template <class T>
inline constexpr T kShort = T(0.38268343236508977173L);
template <>
inline constexpr float kShort<float> = 0.3826834F;
template <class T>
alignas(64) inline constexpr T kWheelCos[16] = {
    1,  kLong<T>,  kRootHalf<T>,  kShort<T>,  0, -kShort<T>, -kRootHalf<T>, -kLong<T>,
    -1, -kLong<T>, -kRootHalf<T>, -kShort<T>, 0, kShort<T>,  kRootHalf<T>,  kLong<T>};
template <class T>
alignas(64) inline constexpr T kWheelSin[16] = {
    0, kShort<T>,  kRootHalf<T>,  kLong<T>,  1,  kLong<T>,  kRootHalf<T>,  kShort<T>,
    0, -kShort<T>, -kRootHalf<T>, -kLong<T>, -1, -kLong<T>, -kRootHalf<T>, -kShort<T>};

// For |x| <= 1/2, x in sixteenths of a turn: sin = x P(x^2), cos - 1 = x^2 Q(x^2), errors 7e-11 and
// 1e-8 in float, 8e-19 and 1e-20 in double.
template <class T>
inline constexpr T kSine[] = {T(0.39269908169872415317L), T(-0.010093189023534770601L),
                              T(7.7824830308054626012e-5L), T(-2.8575147792633474699e-7L),
                              T(6.1149849456608007564e-10L)};
template <>
inline constexpr float kSine<float>[] = {0.39269908155930886F, -0.010093178985339499F,
                                         7.7717737955002960e-5F};
template <class T>
inline constexpr T kCosineLess1[] = {T(-0.077106284383510614156L), T(9.9089651523845809759e-4L),
                                     T(-5.0936232328978796985e-6L), T(1.402679479012364764e-8L),
                                     T(-2.4016997188663222227e-11L)};
template <>
inline constexpr float kCosineLess1<float>[] = {-0.077106244616933127F, 9.8962387573037511e-4F};

template <class T, int N>
ATHERIA_LANES_INLINE Lanes<T> polynomial(const T (&coefficients)[N], Lanes<T> x) {
  auto sum = Lanes<T>::all(coefficients[N - 1]);
  ATHERIA_UNROLL for (int i = N - 2; i >= 0; --i) sum =
      mul_add(sum, x, Lanes<T>::all(coefficients[i]));
  return sum;
}

// z exp(i angle), angle in sixteenths of a turn, any size: by the nearest sixteenth, then by the rest.
// Exact to 2e-7 of |z| in float, 4e-16 in double, besides the angle's own rounding.
template <class T>
ATHERIA_LANES_INLINE Number<T> turned(Number<T> z, Lanes<T> angle) {
  using V = Lanes<T>;
  const V spoke = nearest(angle);
  const V x = angle - spoke;
  const V square = x * x;
  const V sine = x * polynomial(kSine<T>, square);
  const V less = square * polynomial(kCosineLess1<T>, square);
  Number<T> sixteenths;
  wheel(spoke, kWheelCos<T>, kWheelSin<T>, sixteenths.re, sixteenths.im);
  return turned(times(z, sixteenths), Number<T>{less, sine});
}

template <class T>
struct NonlinearPhase {
  static constexpr bool kLong = true;
  const T* table;
  T interaction;

  ATHERIA_LANES_INLINE Number<T> after(Number<T> z, std::int64_t at) const {
    const auto lane = at % kFftLanes;  // 16 angles for the 32 numbers of a vector
    const auto angle = Lanes<T>::load(table + (at - lane) / 2 + lane);
    const auto density = mul_add(z.im, z.im, z.re * z.re);
    return turned(z, mul_add(density, Lanes<T>::all(interaction), angle));
  }
};

template <class T, class Run>
ATHERIA_LANES_INLINE void with_phase(const SplitStep<T>& world, const Run& run) {
  switch (world.kind) {
    case PhaseKind::fixed:
      return run(FixedPhase<T>{world.potential});
    case PhaseKind::nonlinear:
      return run(NonlinearPhase<T>{world.potential, world.interaction});
    default:
      return run(NoPhase<T>{});
  }
}

}  // namespace atheria::cpu::ATHERIA_ISA
