#pragma once

#include <cstdint>
#include <cstring>

#if defined(ATHERIA_ISA_avx512) || defined(ATHERIA_ISA_avx512_vbmi2)
#define ATHERIA_LIFE_AVX512
#endif

#if defined(ATHERIA_LIFE_AVX512)
#include <immintrin.h>
#endif

// Words of cells, several at once, for sources compiled by atheria_isa_kernels (cmake/isa.cmake). A
// word holds 64 cells, bit i the i-th; ^ & | ~ << >> work word by word.
#if defined(__GNUC__)
#define ATHERIA_LIFE_INLINE inline __attribute__((always_inline))
#else
#define ATHERIA_LIFE_INLINE inline
#endif

namespace atheria::cpu::ATHERIA_ISA {

using Word = std::uint64_t;

// Wide is the widest register; Narrow holds no more than four words.
#if !defined(__GNUC__)
using Wide = Word;
using Narrow = Word;
#elif defined(ATHERIA_LIFE_AVX512)
using Wide = Word __attribute__((vector_size(64)));
using Narrow = Word __attribute__((vector_size(32)));
#elif defined(ATHERIA_ISA_avx2)
using Wide = Word __attribute__((vector_size(32)));
using Narrow = Wide;
#else
using Wide = Word __attribute__((vector_size(16)));
using Narrow = Wide;
#endif

template <class V>
constexpr int kLanes = static_cast<int>(sizeof(V) / sizeof(Word));

// Neither needs alignment.
template <class V>
ATHERIA_LIFE_INLINE V load(const Word* from) {
  V words;
  std::memcpy(&words, from, sizeof(V));
  return words;
}

template <class V>
ATHERIA_LIFE_INLINE void store(Word* to, V words) {
  std::memcpy(to, &words, sizeof(V));
}

// Only the first `count` words, and zeros.
template <class V>
ATHERIA_LIFE_INLINE V load_first(const Word* from, int count) {
  if (count >= kLanes<V>) return load<V>(from);
#if defined(ATHERIA_LIFE_AVX512)
  const auto mask = static_cast<__mmask8>((1U << count) - 1);
  if constexpr (kLanes<V> == 8)
    return reinterpret_cast<V>(_mm512_maskz_loadu_epi64(mask, from));
  else
    return reinterpret_cast<V>(_mm256_maskz_loadu_epi64(mask, from));
#else
  Word words[kLanes<V>] = {};
  for (int i = 0; i < count; ++i) words[i] = from[i];
  return load<V>(words);
#endif
}

template <class V>
ATHERIA_LIFE_INLINE void store_first(Word* to, V words, int count) {
  if (count >= kLanes<V>) return store(to, words);
#if defined(ATHERIA_LIFE_AVX512)
  const auto mask = static_cast<__mmask8>((1U << count) - 1);
  if constexpr (kLanes<V> == 8)
    _mm512_mask_storeu_epi64(to, mask, reinterpret_cast<__m512i>(words));
  else
    _mm256_mask_storeu_epi64(to, mask, reinterpret_cast<__m256i>(words));
#else
  Word kept[kLanes<V>];
  store(kept, words);
  for (int i = 0; i < count; ++i) to[i] = kept[i];
#endif
}

template <class V>
ATHERIA_LIFE_INLINE V all(Word word) {
  return V{} | word;
}

// Every cell takes the one before it in its word, the first the last; and the other way round.
template <class V>
ATHERIA_LIFE_INLINE V rotated_up(V words) {
  return words << 1 | words >> 63;
}

template <class V>
ATHERIA_LIFE_INLINE V rotated_down(V words) {
  return words >> 1 | words << 63;
}

// Where mask, a; else b.
template <class V>
ATHERIA_LIFE_INLINE V pick(V mask, V a, V b) {
  return (mask & a) | (~mask & b);
}

// a where not both b and c, else its opposite.
template <class V>
ATHERIA_LIFE_INLINE V flip(V a, V b, V c) {
  return a ^ (b & c);
}

template <class V>
ATHERIA_LIFE_INLINE V majority(V a, V b, V c) {
  return (a & b) | (c & (a ^ b));
}

#if defined(ATHERIA_LIFE_AVX512)

// Any function of three bits is one instruction: its truth table is what the function makes of
// these three.
constexpr int kA = 0xF0, kB = 0xCC, kC = 0xAA;

template <int kTable>
ATHERIA_LIFE_INLINE Wide ternary(Wide a, Wide b, Wide c) {
  return reinterpret_cast<Wide>(
      _mm512_ternarylogic_epi64(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b),
                                reinterpret_cast<__m512i>(c), kTable & 0xFF));
}

template <int kTable>
ATHERIA_LIFE_INLINE Narrow ternary(Narrow a, Narrow b, Narrow c) {
  return reinterpret_cast<Narrow>(
      _mm256_ternarylogic_epi64(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b),
                                reinterpret_cast<__m256i>(c), kTable & 0xFF));
}

// Words from `first` on, of `low` and then `high`. (With a mask, of all: without one, gcc 12 warns of
// a variable of its own.)
template <int kFirst>
ATHERIA_LIFE_INLINE Wide words_from(Wide low, Wide high) {
  return reinterpret_cast<Wide>(_mm512_maskz_alignr_epi64(0xFF, reinterpret_cast<__m512i>(high),
                                                          reinterpret_cast<__m512i>(low), kFirst));
}

template <int kFirst>
ATHERIA_LIFE_INLINE Narrow words_from(Narrow low, Narrow high) {
  return reinterpret_cast<Narrow>(_mm256_maskz_alignr_epi64(
      0xF, reinterpret_cast<__m256i>(high), reinterpret_cast<__m256i>(low), kFirst));
}

ATHERIA_LIFE_INLINE Wide pick(Wide mask, Wide a, Wide b) {
  return ternary<(kA & kB) | (~kA & kC)>(mask, a, b);
}

ATHERIA_LIFE_INLINE Narrow pick(Narrow mask, Narrow a, Narrow b) {
  return ternary<(kA & kB) | (~kA & kC)>(mask, a, b);
}

ATHERIA_LIFE_INLINE Wide majority(Wide a, Wide b, Wide c) {
  return ternary<(kA & kB) | (kA & kC) | (kB & kC)>(a, b, c);
}

ATHERIA_LIFE_INLINE Narrow majority(Narrow a, Narrow b, Narrow c) {
  return ternary<(kA & kB) | (kA & kC) | (kB & kC)>(a, b, c);
}

#endif

}  // namespace atheria::cpu::ATHERIA_ISA
