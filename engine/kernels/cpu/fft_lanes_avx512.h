#pragma once

#include <immintrin.h>

#include "engine/kernels/cpu/fft_lanes.h"

namespace atheria::cpu::avx512 {

template <class T>
struct Lanes;

template <>
struct Lanes<float> {
  static constexpr int kWidth = 16;
  __m512 v;

  static ATHERIA_LANES_INLINE Lanes all(float x) { return {_mm512_set1_ps(x)}; }
  static ATHERIA_LANES_INLINE Lanes load(const float* from) { return {_mm512_loadu_ps(from)}; }
  ATHERIA_LANES_INLINE void store(float* to) const { _mm512_storeu_ps(to, v); }

  friend ATHERIA_LANES_INLINE Lanes operator+(Lanes a, Lanes b) {
    return {_mm512_add_ps(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator-(Lanes a, Lanes b) {
    return {_mm512_sub_ps(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator*(Lanes a, Lanes b) {
    return {_mm512_mul_ps(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_add(Lanes a, Lanes b, Lanes c) {
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_sub(Lanes a, Lanes b, Lanes c) {
    return {_mm512_fmsub_ps(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul(Lanes c, Lanes a, Lanes b) {
    return {_mm512_fnmadd_ps(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes add_mul1(Lanes a, Lanes b) {
    return {_mm512_fmadd_ps(b.v, _mm512_set1_ps(1), a.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul1(Lanes a, Lanes b) {
    return {_mm512_fnmadd_ps(b.v, _mm512_set1_ps(1), a.v)};
  }
  // max and min hand on their second operand when one is NaN.
  friend ATHERIA_LANES_INLINE Lanes at_least(Lanes x, Lanes lo) {
    return {_mm512_max_ps(lo.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes at_most(Lanes x, Lanes hi) {
    return {_mm512_min_ps(hi.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes nearest(Lanes x) {
    return {_mm512_roundscale_ps(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  friend ATHERIA_LANES_INLINE void wheel(Lanes turn, const float* first, const float* second,
                                         Lanes& a, Lanes& b) {
    const __m512i index = _mm512_cvtps_epi32(turn.v);
    a.v = _mm512_permutexvar_ps(index, _mm512_loadu_ps(first));
    b.v = _mm512_permutexvar_ps(index, _mm512_loadu_ps(second));
  }
  friend ATHERIA_LANES_INLINE Lanes times_two_to(Lanes x, Lanes n) {
    return {_mm512_scalef_ps(x.v, n.v)};
  }
  friend ATHERIA_LANES_INLINE void transpose4(Lanes& a, Lanes& b, Lanes& c, Lanes& d) {
    const __m512d ab_low = _mm512_castps_pd(_mm512_unpacklo_ps(a.v, b.v));
    const __m512d ab_high = _mm512_castps_pd(_mm512_unpackhi_ps(a.v, b.v));
    const __m512d cd_low = _mm512_castps_pd(_mm512_unpacklo_ps(c.v, d.v));
    const __m512d cd_high = _mm512_castps_pd(_mm512_unpackhi_ps(c.v, d.v));
    a.v = _mm512_castpd_ps(_mm512_unpacklo_pd(ab_low, cd_low));
    b.v = _mm512_castpd_ps(_mm512_unpackhi_pd(ab_low, cd_low));
    c.v = _mm512_castpd_ps(_mm512_unpacklo_pd(ab_high, cd_high));
    d.v = _mm512_castpd_ps(_mm512_unpackhi_pd(ab_high, cd_high));
  }
  // The 4 x 4 matrix of chunks that four registers are, transposed.
  static ATHERIA_LANES_INLINE void cross(__m512 a, __m512 b, __m512 c, __m512 d, Lanes* out) {
    const __m512 ab_low = _mm512_shuffle_f32x4(a, b, 0x44);
    const __m512 ab_high = _mm512_shuffle_f32x4(a, b, 0xEE);
    const __m512 cd_low = _mm512_shuffle_f32x4(c, d, 0x44);
    const __m512 cd_high = _mm512_shuffle_f32x4(c, d, 0xEE);
    out[0].v = _mm512_shuffle_f32x4(ab_low, cd_low, 0x88);
    out[1].v = _mm512_shuffle_f32x4(ab_low, cd_low, 0xDD);
    out[2].v = _mm512_shuffle_f32x4(ab_high, cd_high, 0x88);
    out[3].v = _mm512_shuffle_f32x4(ab_high, cd_high, 0xDD);
  }
  static ATHERIA_LANES_INLINE void take_across(const float* from, std::int64_t apart, Lanes* out) {
    cross(_mm512_loadu_ps(from), _mm512_loadu_ps(from + apart), _mm512_loadu_ps(from + 2 * apart),
          _mm512_loadu_ps(from + 3 * apart), out);
  }
  static ATHERIA_LANES_INLINE void put_across(float* to, std::int64_t apart, const Lanes* in) {
    Lanes out[4];
    cross(in[0].v, in[1].v, in[2].v, in[3].v, out);
    ATHERIA_UNROLL for (int i = 0; i < 4; ++i) out[i].store(to + i * apart);
  }
};

template <>
struct Lanes<double> {
  static constexpr int kWidth = 8;
  __m512d v;

  static ATHERIA_LANES_INLINE Lanes all(double x) { return {_mm512_set1_pd(x)}; }
  static ATHERIA_LANES_INLINE Lanes load(const double* from) { return {_mm512_loadu_pd(from)}; }
  ATHERIA_LANES_INLINE void store(double* to) const { _mm512_storeu_pd(to, v); }

  friend ATHERIA_LANES_INLINE Lanes operator+(Lanes a, Lanes b) {
    return {_mm512_add_pd(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator-(Lanes a, Lanes b) {
    return {_mm512_sub_pd(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes operator*(Lanes a, Lanes b) {
    return {_mm512_mul_pd(a.v, b.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_add(Lanes a, Lanes b, Lanes c) {
    return {_mm512_fmadd_pd(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes mul_sub(Lanes a, Lanes b, Lanes c) {
    return {_mm512_fmsub_pd(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul(Lanes c, Lanes a, Lanes b) {
    return {_mm512_fnmadd_pd(a.v, b.v, c.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes add_mul1(Lanes a, Lanes b) {
    return {_mm512_fmadd_pd(b.v, _mm512_set1_pd(1), a.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes sub_mul1(Lanes a, Lanes b) {
    return {_mm512_fnmadd_pd(b.v, _mm512_set1_pd(1), a.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes at_least(Lanes x, Lanes lo) {
    return {_mm512_max_pd(lo.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes at_most(Lanes x, Lanes hi) {
    return {_mm512_min_pd(hi.v, x.v)};
  }
  friend ATHERIA_LANES_INLINE Lanes nearest(Lanes x) {
    return {_mm512_roundscale_pd(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  friend ATHERIA_LANES_INLINE void wheel(Lanes turn, const double* first, const double* second,
                                         Lanes& a, Lanes& b) {
    const __m512i index = _mm512_cvtpd_epi64(turn.v);
    a.v = _mm512_permutex2var_pd(_mm512_loadu_pd(first), index, _mm512_loadu_pd(first + 8));
    b.v = _mm512_permutex2var_pd(_mm512_loadu_pd(second), index, _mm512_loadu_pd(second + 8));
  }
  friend ATHERIA_LANES_INLINE Lanes times_two_to(Lanes x, Lanes n) {
    return {_mm512_scalef_pd(x.v, n.v)};
  }
  friend ATHERIA_LANES_INLINE void transpose4(Lanes& a, Lanes& b, Lanes& c, Lanes& d) {
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    const __m512d ab_even = _mm512_unpacklo_pd(a.v, b.v), ab_odd = _mm512_unpackhi_pd(a.v, b.v);
    const __m512d cd_even = _mm512_unpacklo_pd(c.v, d.v), cd_odd = _mm512_unpackhi_pd(c.v, d.v);
    a.v = _mm512_permutex2var_pd(ab_even, low, cd_even);
    b.v = _mm512_permutex2var_pd(ab_odd, low, cd_odd);
    c.v = _mm512_permutex2var_pd(ab_even, high, cd_even);
    d.v = _mm512_permutex2var_pd(ab_odd, high, cd_odd);
  }
  static ATHERIA_LANES_INLINE void take_across(const double* from, std::int64_t apart, Lanes* out) {
    ATHERIA_UNROLL for (int c = 0; c < 4; ++c) {
      const __m512d low = _mm512_castpd256_pd512(_mm256_loadu_pd(from + 4 * c));
      out[c].v = _mm512_insertf64x4(low, _mm256_loadu_pd(from + apart + 4 * c), 1);
    }
  }
  static ATHERIA_LANES_INLINE void put_across(double* to, std::int64_t apart, const Lanes* in) {
    ATHERIA_UNROLL for (int c = 0; c < 4; ++c) {
      _mm256_storeu_pd(to + 4 * c, _mm512_castpd512_pd256(in[c].v));
      _mm256_storeu_pd(to + apart + 4 * c, _mm512_extractf64x4_pd(in[c].v, 1));
    }
  }
};

}  // namespace atheria::cpu::avx512
