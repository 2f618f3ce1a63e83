#pragma once

#include <immintrin.h>

// nca_vec.h for AVX-512.
namespace atheria::cpu::ATHERIA_ISA {

template <class Real>
struct WideOf;

template <>
struct WideOf<float> {
  using Type = __m512;
  static constexpr int kLanes = 16;
};
template <>
struct WideOf<double> {
  using Type = __m512d;
  static constexpr int kLanes = 8;
};

ATHERIA_ALWAYS_INLINE __m512 load(const float* from) { return _mm512_loadu_ps(from); }
ATHERIA_ALWAYS_INLINE __m512d load(const double* from) { return _mm512_loadu_pd(from); }
ATHERIA_ALWAYS_INLINE void store(float* to, __m512 value) { _mm512_storeu_ps(to, value); }
ATHERIA_ALWAYS_INLINE void store(double* to, __m512d value) { _mm512_storeu_pd(to, value); }
ATHERIA_ALWAYS_INLINE __m512 all(float value) { return _mm512_set1_ps(value); }
ATHERIA_ALWAYS_INLINE __m512d all(double value) { return _mm512_set1_pd(value); }
ATHERIA_ALWAYS_INLINE __m512 multiply_add(__m512 a, __m512 b, __m512 c) {
  return _mm512_fmadd_ps(a, b, c);
}
ATHERIA_ALWAYS_INLINE __m512d multiply_add(__m512d a, __m512d b, __m512d c) {
  return _mm512_fmadd_pd(a, b, c);
}
ATHERIA_ALWAYS_INLINE __m512 relu(__m512 value) {
  return _mm512_max_ps(_mm512_setzero_ps(), value);
}
ATHERIA_ALWAYS_INLINE __m512d relu(__m512d value) {
  return _mm512_max_pd(_mm512_setzero_pd(), value);
}
ATHERIA_ALWAYS_INLINE __m512 zip_low(__m512 a, __m512 b) {
  const auto order = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutex2var_ps(a, order, b);
}
ATHERIA_ALWAYS_INLINE __m512 zip_high(__m512 a, __m512 b) {
  const auto order = _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
  return _mm512_permutex2var_ps(a, order, b);
}
ATHERIA_ALWAYS_INLINE __m512d zip_low(__m512d a, __m512d b) {
  return _mm512_permutex2var_pd(a, _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0), b);
}
ATHERIA_ALWAYS_INLINE __m512d zip_high(__m512d a, __m512d b) {
  return _mm512_permutex2var_pd(a, _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4), b);
}
ATHERIA_ALWAYS_INLINE __m512 rounded_bf16(__m512 value) {
  const auto bits = _mm512_castps_si512(value);
  const auto odd = _mm512_and_epi32(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const auto up = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
  auto near = _mm512_and_epi32(up, _mm512_set1_epi32(static_cast<int>(0xFFFF0000)));
  const auto sign = _mm512_and_epi32(bits, _mm512_set1_epi32(static_cast<int>(0x80000000)));
  const auto tiny = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(0x7F800000));
  near = _mm512_mask_mov_epi32(near, tiny, sign);
  const auto nan = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
  return _mm512_mask_mov_ps(_mm512_castsi512_ps(near), nan, value);
}

}  // namespace atheria::cpu::ATHERIA_ISA
