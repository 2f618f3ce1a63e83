#pragma once

#include <cstdint>

#if defined(ATHERIA_ISA_avx2) || defined(ATHERIA_ISA_avx512)
#include <immintrin.h>
#endif

// As many floats or doubles as one register of the instruction set holds, for sources compiled by
// atheria_isa_kernels (cmake/isa.cmake); the portable one holds a single number, and the compiler
// widens the loops over it as it can. Lane by lane, a + b, a - b and a * b give the same bits on
// every instruction set; nothing is fused unless fused() says so.
#if defined(__GNUC__)
#define ATHERIA_VEC_INLINE inline __attribute__((always_inline))
#else
#define ATHERIA_VEC_INLINE inline
#endif

namespace atheria::cpu::ATHERIA_ISA {

// load and store need no alignment; load_first and store_first touch only the first `count` numbers
// (0 to kLanes), and the other lanes are zero. after(x, v) is x and all lanes of v but the last;
// before(v, x) all but the first, and x.
template <class T>
struct Vec;

#if defined(ATHERIA_ISA_avx512)

template <>
struct Vec<float> {
  static constexpr std::int64_t kLanes = 16;
  __m512 v;
  ATHERIA_VEC_INLINE static Vec all(float x) { return {_mm512_set1_ps(x)}; }
  ATHERIA_VEC_INLINE static Vec load(const float* from) { return {_mm512_loadu_ps(from)}; }
  ATHERIA_VEC_INLINE static Vec load_first(const float* from, std::int64_t count) {
    return {_mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1), from)};
  }
  ATHERIA_VEC_INLINE void store(float* to) const { _mm512_storeu_ps(to, v); }
  ATHERIA_VEC_INLINE void store_first(float* to, std::int64_t count) const {
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1U << count) - 1), v);
  }
  friend ATHERIA_VEC_INLINE Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
};

template <>
struct Vec<double> {
  static constexpr std::int64_t kLanes = 8;
  __m512d v;
  ATHERIA_VEC_INLINE static Vec all(double x) { return {_mm512_set1_pd(x)}; }
  ATHERIA_VEC_INLINE static Vec load(const double* from) { return {_mm512_loadu_pd(from)}; }
  ATHERIA_VEC_INLINE static Vec load_first(const double* from, std::int64_t count) {
    return {_mm512_maskz_loadu_pd(static_cast<__mmask8>((1U << count) - 1), from)};
  }
  ATHERIA_VEC_INLINE void store(double* to) const { _mm512_storeu_pd(to, v); }
  ATHERIA_VEC_INLINE void store_first(double* to, std::int64_t count) const {
    _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1U << count) - 1), v);
  }
  friend ATHERIA_VEC_INLINE Vec operator+(Vec a, Vec b) { return {_mm512_add_pd(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator-(Vec a, Vec b) { return {_mm512_sub_pd(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator*(Vec a, Vec b) { return {_mm512_mul_pd(a.v, b.v)}; }
};

ATHERIA_VEC_INLINE Vec<float> after(float x, Vec<float> v) {
  const auto all = _mm512_castps_si512(_mm512_set1_ps(x));
  return {
      _mm512_castsi512_ps(_mm512_maskz_alignr_epi32(0xFFFF, _mm512_castps_si512(v.v), all, 15))};
}
ATHERIA_VEC_INLINE Vec<float> before(Vec<float> v, float x) {
  const auto all = _mm512_castps_si512(_mm512_set1_ps(x));
  return {_mm512_castsi512_ps(_mm512_maskz_alignr_epi32(0xFFFF, all, _mm512_castps_si512(v.v), 1))};
}
ATHERIA_VEC_INLINE Vec<double> after(double x, Vec<double> v) {
  const auto all = _mm512_castpd_si512(_mm512_set1_pd(x));
  return {_mm512_castsi512_pd(_mm512_maskz_alignr_epi64(0xFF, _mm512_castpd_si512(v.v), all, 7))};
}
ATHERIA_VEC_INLINE Vec<double> before(Vec<double> v, double x) {
  const auto all = _mm512_castpd_si512(_mm512_set1_pd(x));
  return {_mm512_castsi512_pd(_mm512_maskz_alignr_epi64(0xFF, all, _mm512_castpd_si512(v.v), 1))};
}

// a * b + c, rounded once.
template <class V>
ATHERIA_VEC_INLINE V fused(V a, V b, V c) {
  if constexpr (V::kLanes == 16)
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
  else
    return {_mm512_fmadd_pd(a.v, b.v, c.v)};
}

#elif defined(ATHERIA_ISA_avx2)

// Which of the first 8 (4) lanes are below count, for maskload and maskstore.
ATHERIA_VEC_INLINE __m256i first_of_8(std::int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
ATHERIA_VEC_INLINE __m256i first_of_4(std::int64_t count) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
}

template <>
struct Vec<float> {
  static constexpr std::int64_t kLanes = 8;
  __m256 v;
  ATHERIA_VEC_INLINE static Vec all(float x) { return {_mm256_set1_ps(x)}; }
  ATHERIA_VEC_INLINE static Vec load(const float* from) { return {_mm256_loadu_ps(from)}; }
  ATHERIA_VEC_INLINE static Vec load_first(const float* from, std::int64_t count) {
    return {_mm256_maskload_ps(from, first_of_8(count))};
  }
  ATHERIA_VEC_INLINE void store(float* to) const { _mm256_storeu_ps(to, v); }
  ATHERIA_VEC_INLINE void store_first(float* to, std::int64_t count) const {
    _mm256_maskstore_ps(to, first_of_8(count), v);
  }
  friend ATHERIA_VEC_INLINE Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
};

template <>
struct Vec<double> {
  static constexpr std::int64_t kLanes = 4;
  __m256d v;
  ATHERIA_VEC_INLINE static Vec all(double x) { return {_mm256_set1_pd(x)}; }
  ATHERIA_VEC_INLINE static Vec load(const double* from) { return {_mm256_loadu_pd(from)}; }
  ATHERIA_VEC_INLINE static Vec load_first(const double* from, std::int64_t count) {
    return {_mm256_maskload_pd(from, first_of_4(count))};
  }
  ATHERIA_VEC_INLINE void store(double* to) const { _mm256_storeu_pd(to, v); }
  ATHERIA_VEC_INLINE void store_first(double* to, std::int64_t count) const {
    _mm256_maskstore_pd(to, first_of_4(count), v);
  }
  friend ATHERIA_VEC_INLINE Vec operator+(Vec a, Vec b) { return {_mm256_add_pd(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator-(Vec a, Vec b) { return {_mm256_sub_pd(a.v, b.v)}; }
  friend ATHERIA_VEC_INLINE Vec operator*(Vec a, Vec b) { return {_mm256_mul_pd(a.v, b.v)}; }
};

ATHERIA_VEC_INLINE Vec<float> after(float x, Vec<float> v) {
  const auto turned = _mm256_permutevar8x32_ps(v.v, _mm256_setr_epi32(7, 0, 1, 2, 3, 4, 5, 6));
  return {_mm256_blend_ps(turned, _mm256_set1_ps(x), 1)};
}
ATHERIA_VEC_INLINE Vec<float> before(Vec<float> v, float x) {
  const auto turned = _mm256_permutevar8x32_ps(v.v, _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 0));
  return {_mm256_blend_ps(turned, _mm256_set1_ps(x), 1 << 7)};
}
ATHERIA_VEC_INLINE Vec<double> after(double x, Vec<double> v) {
  return {_mm256_blend_pd(_mm256_permute4x64_pd(v.v, 0b10'01'00'11), _mm256_set1_pd(x), 1)};
}
ATHERIA_VEC_INLINE Vec<double> before(Vec<double> v, double x) {
  return {_mm256_blend_pd(_mm256_permute4x64_pd(v.v, 0b00'11'10'01), _mm256_set1_pd(x), 1 << 3)};
}

// a * b + c, rounded once.
template <class V>
ATHERIA_VEC_INLINE V fused(V a, V b, V c) {
  if constexpr (V::kLanes == 8)
    return {_mm256_fmadd_ps(a.v, b.v, c.v)};
  else
    return {_mm256_fmadd_pd(a.v, b.v, c.v)};
}

#else

template <class T>
struct Vec {
  static constexpr std::int64_t kLanes = 1;
  T v;
  ATHERIA_VEC_INLINE static Vec all(T x) { return {x}; }
  ATHERIA_VEC_INLINE static Vec load(const T* from) { return {*from}; }
  ATHERIA_VEC_INLINE static Vec load_first(const T* from, std::int64_t count) {
    return {count > 0 ? *from : T(0)};
  }
  ATHERIA_VEC_INLINE void store(T* to) const { *to = v; }
  ATHERIA_VEC_INLINE void store_first(T* to, std::int64_t count) const {
    if (count > 0) *to = v;
  }
  friend ATHERIA_VEC_INLINE Vec operator+(Vec a, Vec b) { return {a.v + b.v}; }
  friend ATHERIA_VEC_INLINE Vec operator-(Vec a, Vec b) { return {a.v - b.v}; }
  friend ATHERIA_VEC_INLINE Vec operator*(Vec a, Vec b) { return {a.v * b.v}; }
};

template <class T>
ATHERIA_VEC_INLINE Vec<T> after(T x, Vec<T>) {
  return {x};
}
template <class T>
ATHERIA_VEC_INLINE Vec<T> before(Vec<T>, T x) {
  return {x};
}

#endif

}  // namespace atheria::cpu::ATHERIA_ISA
