#pragma once

#include <immintrin.h>

// nca_vec.h for AVX2 with FMA.
namespace atheria::cpu::ATHERIA_ISA {

template <class Real>
struct WideOf;

template <>
struct WideOf<float> {
  using Type = __m256;
  static constexpr int kLanes = 8;
};
template <>
struct WideOf<double> {
  using Type = __m256d;
  static constexpr int kLanes = 4;
};

ATHERIA_ALWAYS_INLINE __m256 load(const float* from) { return _mm256_loadu_ps(from); }
ATHERIA_ALWAYS_INLINE __m256d load(const double* from) { return _mm256_loadu_pd(from); }
ATHERIA_ALWAYS_INLINE void store(float* to, __m256 value) { _mm256_storeu_ps(to, value); }
ATHERIA_ALWAYS_INLINE void store(double* to, __m256d value) { _mm256_storeu_pd(to, value); }
ATHERIA_ALWAYS_INLINE __m256 all(float value) { return _mm256_set1_ps(value); }
ATHERIA_ALWAYS_INLINE __m256d all(double value) { return _mm256_set1_pd(value); }
ATHERIA_ALWAYS_INLINE __m256 multiply_add(__m256 a, __m256 b, __m256 c) {
  return _mm256_fmadd_ps(a, b, c);
}
ATHERIA_ALWAYS_INLINE __m256d multiply_add(__m256d a, __m256d b, __m256d c) {
  return _mm256_fmadd_pd(a, b, c);
}
ATHERIA_ALWAYS_INLINE __m256 relu(__m256 value) {
  return _mm256_max_ps(_mm256_setzero_ps(), value);
}
ATHERIA_ALWAYS_INLINE __m256d relu(__m256d value) {
  return _mm256_max_pd(_mm256_setzero_pd(), value);
}
ATHERIA_ALWAYS_INLINE __m256 zip_low(__m256 a, __m256 b) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x20);
}
ATHERIA_ALWAYS_INLINE __m256 zip_high(__m256 a, __m256 b) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x31);
}
ATHERIA_ALWAYS_INLINE __m256d zip_low(__m256d a, __m256d b) {
  return _mm256_permute2f128_pd(_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b), 0x20);
}
ATHERIA_ALWAYS_INLINE __m256d zip_high(__m256d a, __m256d b) {
  return _mm256_permute2f128_pd(_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b), 0x31);
}
ATHERIA_ALWAYS_INLINE __m256 rounded_bf16(__m256 value) {
  const auto bits = _mm256_castps_si256(value);
  const auto odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const auto up = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF)));
  const auto near = _mm256_and_si256(up, _mm256_set1_epi32(static_cast<int>(0xFFFF0000)));
  const auto sign = _mm256_and_si256(bits, _mm256_set1_epi32(static_cast<int>(0x80000000)));
  const auto exponent = _mm256_and_si256(bits, _mm256_set1_epi32(0x7F800000));
  const auto tiny = _mm256_cmpeq_epi32(exponent, _mm256_setzero_si256());
  const auto flushed = _mm256_castsi256_ps(_mm256_blendv_epi8(near, sign, tiny));
  return _mm256_blendv_ps(flushed, value, _mm256_cmp_ps(value, value, _CMP_UNORD_Q));
}

}  // namespace atheria::cpu::ATHERIA_ISA
