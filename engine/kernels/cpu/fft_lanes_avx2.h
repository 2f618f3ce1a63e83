#pragma once

#include <immintrin.h>

#include "engine/kernels/cpu/fft_lanes.h"

namespace atheria::cpu::avx2 {

template <class T>
struct Lanes;

template <>
struct Lanes<float> {
  static constexpr int kWidth = 8;
  __m256 v;

  static ATHERIA_LANES_INLINE Lanes all(float x) { return {_mm256_set1_ps(x)}; }
  static ATHERIA_LANES_INLINE Lanes load(const float* from) { return {_mm256_loadu_ps(from)}; }
  ATHERIA_LANES_INLINE void store(float* to) const { _mm256_storeu_ps(to, v); }

  friend ATHERIA_LANES_INLINE Lanes operator+(Lanes a, Lanes b) {
    return {_mm256_add_ps(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator-(Lanes a, Lanes b) {
    return {_mm256_sub_ps(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator*(Lanes a, Lanes b) {
    return {_mm256_mul_ps(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_add(Lanes a, Lanes b, Lanes c) {
    return {_mm256_fmadd_ps(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_sub(Lanes a, Lanes b, Lanes c) {
    return {_mm256_fmsub_ps(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul(Lanes c, Lanes a, Lanes b) {
    return {_mm256_fnmadd_ps(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes add_mul1(Lanes a, Lanes b) {
    return {_mm256_fmadd_ps(b.v, _mm256_set1_ps(1), a.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul1(Lanes a, Lanes b) {
    return {_mm256_fnmadd_ps(b.v, _mm256_set1_ps(1), a.v)};
  }
  // max and min hand on their second operand when one is NaN.
  friend ATHERIA_LANES_INLINE Lanes at_least(Lanes x, Lanes lo) {
    return {_mm256_max_ps(lo.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes at_most(Lanes x, Lanes hi) {
    return {_mm256_min_ps(hi.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes nearest(Lanes x) {
    return {_mm256_round_ps(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  // A table of 16 is two registers; bit 3 of the index says which.
  static ATHERIA_LANES_INLINE __m256 entry(const float* table, __m256i index) {
    const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), index);
    const __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + 8), index);
    return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
  }
  friend ATHERIA_LANES_INLINE void wheel(Lanes turn, const float* first, const float* second,
                                         Lanes& a, Lanes& b) {
    const __m256i index = _mm256_cvtps_epi32(turn.v);
    a.v = entry(first, index);
    b.v = entry(second, index);
  }
  friend ATHERIA_LANES_INLINE Lanes times_two_to(Lanes x, Lanes n) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(n.v), 23);
    return {_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x.v), exponent))};
  }
  friend ATHERIA_LANES_INLINE void transpose4(Lanes& a, Lanes& b, Lanes& c, Lanes& d) {
    const __m256d ab_low = _mm256_castps_pd(_mm256_unpacklo_ps(a.v, b.v));
    const __m256d ab_high = _mm256_castps_pd(_mm256_unpackhi_ps(a.v, b.v));
    const __m256d cd_low = _mm256_castps_pd(_mm256_unpacklo_ps(c.v, d.v));
    const __m256d cd_high = _mm256_castps_pd(_mm256_unpackhi_ps(c.v, d.v));
    a.v = _mm256_castpd_ps(_mm256_unpacklo_pd(ab_low, cd_low));
    b.v = _mm256_castpd_ps(_mm256_unpackhi_pd(ab_low, cd_low));
    c.v = _mm256_castpd_ps(_mm256_unpacklo_pd(ab_high, cd_high));
    d.v = _mm256_castpd_ps(_mm256_unpackhi_pd(ab_high, cd_high));
  }
  static ATHERIA_LANES_INLINE void take_across(const float* from, std::int64_t apart, Lanes* out) {
    ATHERIA_UNROLL for (int c = 0; c < 4; ++c) {
      const __m256 low = _mm256_castps128_ps256(_mm_loadu_ps(from + 4 * c));
      out[c].v = _mm256_insertf128_ps(low, _mm_loadu_ps(from + apart + 4 * c), 1);
    }
  }
  static ATHERIA_LANES_INLINE void put_across(float* to, std::int64_t apart, const Lanes* in) {
    ATHERIA_UNROLL for (int c = 0; c < 4; ++c) {
      _mm_storeu_ps(to + 4 * c, _mm256_castps256_ps128(in[c].v));
      _mm_storeu_ps(to + apart + 4 * c, _mm256_extractf128_ps(in[c].v, 1));
    }
  }
};

template <>
struct Lanes<double> {
  static constexpr int kWidth = 4;
  __m256d v;

  static ATHERIA_LANES_INLINE Lanes all(double x) { return {_mm256_set1_pd(x)}; }
  static ATHERIA_LANES_INLINE Lanes load(const double* from) { return {_mm256_loadu_pd(from)}; }
  ATHERIA_LANES_INLINE void store(double* to) const { _mm256_storeu_pd(to, v); }

  friend ATHERIA_LANES_INLINE Lanes operator+(Lanes a, Lanes b) {
    return {_mm256_add_pd(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator-(Lanes a, Lanes b) {
    return {_mm256_sub_pd(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator*(Lanes a, Lanes b) {
    return {_mm256_mul_pd(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_add(Lanes a, Lanes b, Lanes c) {
    return {_mm256_fmadd_pd(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_sub(Lanes a, Lanes b, Lanes c) {
    return {_mm256_fmsub_pd(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul(Lanes c, Lanes a, Lanes b) {
    return {_mm256_fnmadd_pd(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes add_mul1(Lanes a, Lanes b) {
    return {_mm256_fmadd_pd(b.v, _mm256_set1_pd(1), a.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul1(Lanes a, Lanes b) {
    return {_mm256_fnmadd_pd(b.v, _mm256_set1_pd(1), a.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes at_least(Lanes x, Lanes lo) {
    return {_mm256_max_pd(lo.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes at_most(Lanes x, Lanes hi) {
    return {_mm256_min_pd(hi.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes nearest(Lanes x) {
    return {_mm256_round_pd(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  friend ATHERIA_LANES_INLINE void wheel(Lanes turn, const double* first, const double* second,
                                         Lanes& a, Lanes& b) {
    // There is no conversion to 64 bits: take whole turns off first, which is exact.
    const Lanes place = sub_mul(turn, all(16), nearest(turn * all(0.0625)));
    const __m128i index = _mm_and_si128(_mm256_cvtpd_epi32(place.v), _mm_set1_epi32(15));
    a.v = _mm256_i32gather_pd(first, index, 8);
    b.v = _mm256_i32gather_pd(second, index, 8);
  }
  friend ATHERIA_LANES_INLINE Lanes times_two_to(Lanes x, Lanes n) {
    const __m256i whole = _mm256_cvtepi32_epi64(_mm256_cvtpd_epi32(n.v));
    const __m256i sum = _mm256_add_epi64(_mm256_castpd_si256(x.v), _mm256_slli_epi64(whole, 52));
    return {_mm256_castsi256_pd(sum)};
  }
  friend ATHERIA_LANES_INLINE void transpose4(Lanes& a, Lanes& b, Lanes& c, Lanes& d) {
    const __m256d ab_even = _mm256_unpacklo_pd(a.v, b.v), ab_odd = _mm256_unpackhi_pd(a.v, b.v);
    const __m256d cd_even = _mm256_unpacklo_pd(c.v, d.v), cd_odd = _mm256_unpackhi_pd(c.v, d.v);
    a.v = _mm256_permute2f128_pd(ab_even, cd_even, 0x20);
    b.v = _mm256_permute2f128_pd(ab_odd, cd_odd, 0x20);
    c.v = _mm256_permute2f128_pd(ab_even, cd_even, 0x31);
    d.v = _mm256_permute2f128_pd(ab_odd, cd_odd, 0x31);
  }
  static ATHERIA_LANES_INLINE void take_across(const double* from, std::int64_t, Lanes* out) {
    ATHERIA_UNROLL for (int c = 0; c < 4; ++c) out[c] = load(from + 4 * c);
  }
  static ATHERIA_LANES_INLINE void put_across(double* to, std::int64_t, const Lanes* in) {
    ATHERIA_UNROLL for (int c = 0; c < 4; ++c) in[c].store(to + 4 * c);
  }
};

}  // namespace atheria::cpu::avx2
