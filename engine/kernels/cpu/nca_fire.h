#pragma once

#include <cstdint>

#include "engine/kernels/cpu/nca_kernels.h"
#include "engine/kernels/cpu/nca_vec.h"

// Which cells fire: word 0 of random_block(seed, step, cell) of engine/base/philox.h, many cells at
// a time. Words stand in the lower halves of 64-bit lanes, where the upper halves do not matter to
// the next product.
namespace atheria::cpu::ATHERIA_ISA {

constexpr std::uint32_t kPhiloxA = 0xD2511F53, kPhiloxB = 0xCD9E8D57;
constexpr std::uint32_t kPhiloxKeyA = 0x9E3779B9, kPhiloxKeyB = 0xBB67AE85;

#if defined(ATHERIA_ISA_avx512)
using Words = __m512i;
constexpr int kWordLanes = 8;
ATHERIA_ALWAYS_INLINE Words words(std::uint64_t value) {
  return _mm512_set1_epi64(static_cast<long long>(value));
}
ATHERIA_ALWAYS_INLINE Words words_from(std::uint64_t first) {
  return _mm512_add_epi64(words(first), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
}
ATHERIA_ALWAYS_INLINE Words product(Words a, Words b) { return _mm512_mul_epu32(a, b); }
ATHERIA_ALWAYS_INLINE Words upper(Words value) { return _mm512_srli_epi64(value, 32); }
ATHERIA_ALWAYS_INLINE Words mixed(Words a, Words b, Words c) {
  return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}
// A bit a lane: whether its lower half is below `limit`.
ATHERIA_ALWAYS_INLINE std::uint64_t below(Words value, std::uint32_t limit) {
  return _mm512_cmplt_epu64_mask(_mm512_slli_epi64(value, 32), words(std::uint64_t{limit} << 32));
}
#elif defined(ATHERIA_ISA_avx2)
using Words = __m256i;
constexpr int kWordLanes = 4;
ATHERIA_ALWAYS_INLINE Words words(std::uint64_t value) {
  return _mm256_set1_epi64x(static_cast<long long>(value));
}
ATHERIA_ALWAYS_INLINE Words words_from(std::uint64_t first) {
  return _mm256_add_epi64(words(first), _mm256_set_epi64x(3, 2, 1, 0));
}
ATHERIA_ALWAYS_INLINE Words product(Words a, Words b) { return _mm256_mul_epu32(a, b); }
ATHERIA_ALWAYS_INLINE Words upper(Words value) { return _mm256_srli_epi64(value, 32); }
ATHERIA_ALWAYS_INLINE Words mixed(Words a, Words b, Words c) {
  return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}
ATHERIA_ALWAYS_INLINE std::uint64_t below(Words value, std::uint32_t limit) {
  const auto sign = words(std::uint64_t{1} << 63);  // AVX2 compares signed numbers only
  const auto a = _mm256_xor_si256(_mm256_slli_epi64(value, 32), sign);
  const auto b = _mm256_xor_si256(words(std::uint64_t{limit} << 32), sign);
  return static_cast<std::uint64_t>(
      _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(b, a))));
}
#else
using Words = std::uint64_t;
constexpr int kWordLanes = 1;
ATHERIA_ALWAYS_INLINE Words words(std::uint64_t value) { return value; }
ATHERIA_ALWAYS_INLINE Words words_from(std::uint64_t first) { return first; }
ATHERIA_ALWAYS_INLINE Words product(Words a, Words b) {
  return (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF);
}
ATHERIA_ALWAYS_INLINE Words upper(Words value) { return value >> 32; }
ATHERIA_ALWAYS_INLINE Words mixed(Words a, Words b, Words c) { return a ^ b ^ c; }
ATHERIA_ALWAYS_INLINE std::uint64_t below(Words value, std::uint32_t limit) {
  return static_cast<std::uint32_t>(value) < limit ? 1 : 0;
}
#endif

// Word 0 of the blocks of kGroups * kWordLanes cells from `cell` on: groups that wait for nothing of
// each other, because every round waits for the one before.
template <int kGroups>
ATHERIA_ALWAYS_INLINE void first_words(const NcaDraw& draw, std::uint64_t cell,
                                       Words (&c0)[kGroups]) {
  auto key_a = static_cast<std::uint32_t>(draw.seed);
  auto key_b = static_cast<std::uint32_t>(draw.seed >> 32);
  const auto a = words(kPhiloxA), b = words(kPhiloxB);
  Words c1[kGroups], c2[kGroups], c3[kGroups];
  ATHERIA_UNROLL
  for (int g = 0; g < kGroups; ++g) {
    c0[g] = words_from(cell + static_cast<std::uint64_t>(g * kWordLanes));
    c1[g] = upper(c0[g]);  // cells are below 2^48
    c2[g] = words(draw.step);
    c3[g] = words(draw.step >> 32);
  }
  ATHERIA_UNROLL
  for (int round = 0; round < 10; ++round) {
    ATHERIA_UNROLL
    for (int g = 0; g < kGroups; ++g) {
      const auto of_a = product(a, c0[g]), of_b = product(b, c2[g]);
      c0[g] = mixed(upper(of_b), c1[g], words(key_a));
      c1[g] = of_b;
      c2[g] = mixed(upper(of_a), c3[g], words(key_b));
      c3[g] = of_a;
    }
    key_a += kPhiloxKeyA;
    key_b += kPhiloxKeyB;
  }
}

inline void fire(const NcaDraw& draw, std::uint64_t first, std::int64_t count,
                 std::uint64_t* bits) {
  constexpr int kGroups = kWordLanes == 1 ? 1 : 4;
  constexpr int kTogether = kGroups * kWordLanes;
  constexpr std::uint64_t kBits = (std::uint64_t{1} << kTogether) - 1;
  const std::uint32_t limit = draw.threshold << 8;  // of the whole word: below 2^32
  for (std::int64_t w = 0; w < count; ++w) {
    std::uint64_t fires = 0;
    for (int i = 0; bits[w] != 0 && i < 64; i += kTogether) {
      if ((bits[w] >> i & kBits) == 0) continue;
      Words drawn[kGroups];
      first_words(draw, first + static_cast<std::uint64_t>(w * 64 + i), drawn);
      ATHERIA_UNROLL
      for (int g = 0; g < kGroups; ++g) fires |= below(drawn[g], limit) << (i + g * kWordLanes);
    }
    bits[w] &= fires;
  }
}

}  // namespace atheria::cpu::ATHERIA_ISA
