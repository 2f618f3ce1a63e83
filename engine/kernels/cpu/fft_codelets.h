#pragma once

#include "engine/kernels/cpu/fft_lanes.h"

// Discrete Fourier transforms of 2, 3, 4, 5, 8 and 16 numbers held in registers, lane by lane:
// X[k] = sum over n of x[n] exp(-2 pi i n k / R). The inverse (without 1/R) is the same with real
// and imaginary parts exchanged, before and after.
namespace atheria::cpu::ATHERIA_ISA {

template <class V>
struct Complex {
  V re, im;
};

// All constants are real; `i` in a name is the imaginary unit.
template <class V>
ATHERIA_LANES_INLINE Complex<V> operator+(Complex<V> a, Complex<V> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> operator-(Complex<V> a, Complex<V> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> plus_i(Complex<V> a, Complex<V> b) {
  return {a.re - b.im, a.im + b.re};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> minus_i(Complex<V> a, Complex<V> b) {
  return {a.re + b.im, a.im - b.re};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> plus(Complex<V> a, V c, Complex<V> b) {
  return {mul_add(c, b.re, a.re), mul_add(c, b.im, a.im)};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> minus(Complex<V> a, V c, Complex<V> b) {
  return {sub_mul(a.re, c, b.re), sub_mul(a.im, c, b.im)};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> plus_i(Complex<V> a, V c, Complex<V> b) {
  return {sub_mul(a.re, c, b.im), mul_add(c, b.re, a.im)};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> minus_i(Complex<V> a, V c, Complex<V> b) {
  return {mul_add(c, b.im, a.re), sub_mul(a.im, c, b.re)};
}
// a (1 - i t), a (t - i), a (1 - i): turns by 22.5, 67.5 and 45 degrees, not yet scaled.
template <class V>
ATHERIA_LANES_INLINE Complex<V> turn_less(Complex<V> a, V t) {
  return {mul_add(t, a.im, a.re), sub_mul(a.im, t, a.re)};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> turn_more(Complex<V> a, V t) {
  return {mul_add(t, a.re, a.im), mul_sub(t, a.im, a.re)};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> turn_half(Complex<V> a) {
  return {a.re + a.im, a.im - a.re};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> times(Complex<V> a, Complex<V> w) {
  return {sub_mul(a.re * w.re, a.im, w.im), mul_add(a.re, w.im, a.im * w.re)};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> times_conjugate(Complex<V> a, Complex<V> w) {
  return {mul_add(a.im, w.im, a.re * w.re), sub_mul(a.im * w.re, a.re, w.im)};
}
// a (1 + w): with w = exp(i angle) - 1 a turn whose length is exact where the angle is small.
template <class V>
ATHERIA_LANES_INLINE Complex<V> turned(Complex<V> a, Complex<V> w) {
  return {mul_add(a.re, w.re, sub_mul(a.re, a.im, w.im)),
          mul_add(a.im, w.re, mul_add(a.re, w.im, a.im))};
}
template <class V>
ATHERIA_LANES_INLINE Complex<V> swapped(Complex<V> a) {
  return {a.im, a.re};
}

template <class V>
ATHERIA_LANES_INLINE void dft2(Complex<V>* z) {
  const auto a = z[0], b = z[1];
  z[0] = a + b;
  z[1] = a - b;
}

template <class T>
ATHERIA_LANES_INLINE void dft3(Complex<Lanes<T>>* z) {
  using V = Lanes<T>;
  const auto sum = z[1] + z[2], difference = z[1] - z[2];
  const auto middle = minus(z[0], V::all(T(0.5)), sum);
  const V sine = V::all(T(0.86602540378443864676L));
  z[0] = z[0] + sum;
  z[1] = minus_i(middle, sine, difference);
  z[2] = plus_i(middle, sine, difference);
}

template <class V>
ATHERIA_LANES_INLINE void dft4(Complex<V>& a, Complex<V>& b, Complex<V>& c, Complex<V>& d) {
  const auto even = a + c, even_off = a - c, odd = b + d, odd_off = b - d;
  a = even + odd;
  b = minus_i(even_off, odd_off);
  c = even - odd;
  d = plus_i(even_off, odd_off);
}

// The same numbers where there is little to multiply near by: half of the sums go to the units that
// multiply.
template <class V>
ATHERIA_LANES_INLINE void dft4_shared(Complex<V>& a, Complex<V>& b, Complex<V>& c, Complex<V>& d) {
  const Complex<V> even = a + c, even_off = {sub_mul1(a.re, c.re), sub_mul1(a.im, c.im)};
  const Complex<V> odd = b + d, odd_off = {sub_mul1(b.re, d.re), sub_mul1(b.im, d.im)};
  a = even + odd;
  b = {add_mul1(even_off.re, odd_off.im), sub_mul1(even_off.im, odd_off.re)};
  c = {sub_mul1(even.re, odd.re), sub_mul1(even.im, odd.im)};
  d = plus_i(even_off, odd_off);
}

template <class T>
ATHERIA_LANES_INLINE void dft5(Complex<Lanes<T>>* z) {
  using V = Lanes<T>;
  const V c1 = V::all(T(0.30901699437494742410L)), c2 = V::all(T(-0.80901699437494742410L));
  const V s1 = V::all(T(0.95105651629515357212L)), s2 = V::all(T(0.58778525229247312917L));
  const auto a = z[1] + z[4], b = z[2] + z[3], c = z[1] - z[4], d = z[2] - z[3];
  const auto even1 = plus(plus(z[0], c1, a), c2, b), even2 = plus(plus(z[0], c2, a), c1, b);
  const Complex<V> odd1 = {mul_add(s2, d.re, s1 * c.re), mul_add(s2, d.im, s1 * c.im)};
  const Complex<V> odd2 = {sub_mul(s2 * c.re, s1, d.re), sub_mul(s2 * c.im, s1, d.im)};
  z[0] = z[0] + a + b;
  z[1] = minus_i(even1, odd1);
  z[2] = minus_i(even2, odd2);
  z[3] = plus_i(even2, odd2);
  z[4] = plus_i(even1, odd1);
}

// The square root of a half, and cos and tan of 22.5 degrees. Rounded to float each makes its turn a
// little shorter than 1, the same one in every step of a run, and a norm would shrink by 2e-7 a
// step. So in float the turns by 22.5 and 67.5 degrees are as much longer (3e-8) as those by 45 are
// shorter: the cosine is rounded up, the tangent is two units off, the angle by 5e-8.
template <class T>
inline constexpr T kRootHalf = T(0.70710678118654752440L);
// In a transform of 8 there are only those by 45: there one factor of four is rounded up instead.
template <class T>
inline constexpr T kRootHalfUp = kRootHalf<T>;
template <>
inline constexpr float kRootHalfUp<float> = 0.70710683F;
template <class T>
inline constexpr T kCosine = T(0.92387953251128675613L);
template <>
inline constexpr float kCosine<float> = 0.92387956F;
template <class T>
inline constexpr T kTangent = T(0.41421356237309504880L);
template <>
inline constexpr float kTangent<float> = 0.4142135F;

template <class T>
ATHERIA_LANES_INLINE void dft8(Complex<Lanes<T>>* z) {
  const auto h = Lanes<T>::all(kRootHalf<T>), up = Lanes<T>::all(kRootHalfUp<T>);
  dft4(z[0], z[2], z[4], z[6]);
  dft4(z[1], z[3], z[5], z[7]);
  const auto a = z[0], b = z[2], c = z[4], d = z[6], e = z[1], g = z[5];
  const auto f = turn_half(z[3]), k = turn_half(z[7]);
  z[0] = a + e;
  z[1] = {mul_add(up, f.re, b.re), mul_add(h, f.im, b.im)};
  z[2] = minus_i(c, g);
  z[3] = minus_i(d, h, k);
  z[4] = a - e;
  z[5] = {sub_mul(b.re, up, f.re), sub_mul(b.im, h, f.im)};
  z[6] = plus_i(c, g);
  z[7] = plus_i(d, h, k);
}

// The second half of a transform of 16: given y[n] = sum over m of x[n + 4 m] i^(-m K), n = 0..3,
// turns them by n K sixteenths and gives X[K + 4 k] in y[k]. The turns' lengths go into the sums.
template <int K, class T>
ATHERIA_LANES_INLINE void dft16_tail(Complex<Lanes<T>>* y) {
  using V = Lanes<T>;
  const V h = V::all(kRootHalf<T>), c = V::all(kCosine<T>), t = V::all(kTangent<T>);
  if constexpr (K == 0) {
    dft4(y[0], y[1], y[2], y[3]);
  } else if constexpr (K == 2) {
    const auto even = minus_i(y[0], y[2]), even_off = plus_i(y[0], y[2]);
    const auto b = turn_half(y[1]), d = turn_half(y[3]);
    const auto odd = minus_i(b, d), odd_off = plus_i(b, d);
    y[0] = plus(even, h, odd);
    y[1] = minus_i(even_off, h, odd_off);
    y[2] = minus(even, h, odd);
    y[3] = plus_i(even_off, h, odd_off);
  } else {
    const auto e = turn_half(y[2]);
    const auto even = K == 1 ? plus(y[0], h, e) : minus_i(y[0], h, e);
    const auto even_off = K == 1 ? minus(y[0], h, e) : plus_i(y[0], h, e);
    const auto b = K == 1 ? turn_less(y[1], t) : turn_more(y[1], t);
    const auto d = K == 1 ? turn_more(y[3], t) : turn_less(y[3], t);
    const auto odd = K == 1 ? b + d : b - d, odd_off = K == 1 ? b - d : b + d;
    y[0] = plus(even, c, odd);
    y[1] = minus_i(even_off, c, odd_off);
    y[2] = minus(even, c, odd);
    y[3] = plus_i(even_off, c, odd_off);
  }
}

// The halves of a transform of 16 by groups of four, so that few numbers are alive at a time:
// take(n, y) fills y with x[n], x[n + 4], x[n + 8], x[n + 12]; emit(K, y) gets X[K], X[K + 4], ...
// The first half leaves column K in y[4 K .. 4 K + 3].
template <class T, class Take>
ATHERIA_LANES_INLINE void dft16_first(Complex<Lanes<T>>* y, const Take& take) {
  ATHERIA_UNROLL for (int n = 0; n < 4; ++n) {
    Complex<Lanes<T>> x[4];
    take(n, x);
    dft4_shared(x[0], x[1], x[2], x[3]);
    ATHERIA_UNROLL for (int k = 0; k < 4; ++k) y[4 * k + n] = x[k];
  }
}

template <class T, class Emit>
ATHERIA_LANES_INLINE void dft16_second(Complex<Lanes<T>>* y, const Emit& emit) {
  dft16_tail<0, T>(y);
  emit(0, y);
  dft16_tail<1, T>(y + 4);
  emit(1, y + 4);
  dft16_tail<2, T>(y + 8);
  emit(2, y + 8);
  dft16_tail<3, T>(y + 12);
  emit(3, y + 12);
}

// The other sizes, in place.
template <int R, class T>
ATHERIA_LANES_INLINE void dft_small(Complex<Lanes<T>>* z) {
  static_assert(R == 2 || R == 3 || R == 4 || R == 5 || R == 8);
  if constexpr (R == 2) dft2(z);
  if constexpr (R == 3) dft3<T>(z);
  if constexpr (R == 4) dft4(z[0], z[1], z[2], z[3]);
  if constexpr (R == 5) dft5<T>(z);
  if constexpr (R == 8) dft8<T>(z);
}

}  // namespace atheria::cpu::ATHERIA_ISA
