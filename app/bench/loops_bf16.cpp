#include <immintrin.h>

#include "app/bench/loops.h"

namespace atheria::cpu::ATHERIA_ISA {

// Sixteen chains of products of 32 pairs of bfloat16, added to 16 floats.
double dot_loop(std::int64_t rounds, float* sink) {
  constexpr int kChains = 16;
  const __m512 small = _mm512_set1_ps(*sink + 1e-3F);
  const __m512bh a = _mm512_cvtne2ps_pbh(small, small);
  __m512 chains[kChains];
  for (__m512& chain : chains) chain = _mm512_set1_ps(*sink);
  for (std::int64_t round = 0; round < rounds; ++round)
    for (__m512& chain : chains) chain = _mm512_dpbf16_ps(chain, a, a);
  for (const __m512& chain : chains) *sink += _mm512_reduce_add_ps(chain);
  return 2.0 * 32 * kChains * static_cast<double>(rounds);
}

}  // namespace atheria::cpu::ATHERIA_ISA
