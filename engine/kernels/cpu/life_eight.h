#pragma once

#include "engine/kernels/cpu/life_vec.h"

// Eight words of cells, in as many registers as they need: ^ & | ~ << >> work word by word.
namespace atheria::cpu::ATHERIA_ISA {

#if defined(ATHERIA_LIFE_AVX512)

using Eight = Wide;

#else

struct Eight {
  static constexpr int kParts = 8 / kLanes<Wide>;
  Wide part[kParts];

  template <class Body>
  ATHERIA_LIFE_INLINE static Eight each(const Body& body) {
    Eight made;
    for (int i = 0; i < kParts; ++i) made.part[i] = body(i);
    return made;
  }
  friend ATHERIA_LIFE_INLINE Eight operator^(const Eight& a, const Eight& b) {
    return each([&](int i) { return a.part[i] ^ b.part[i]; });
  }
  friend ATHERIA_LIFE_INLINE Eight operator&(const Eight& a, const Eight& b) {
    return each([&](int i) { return a.part[i] & b.part[i]; });
  }
  friend ATHERIA_LIFE_INLINE Eight operator|(const Eight& a, const Eight& b) {
    return each([&](int i) { return a.part[i] | b.part[i]; });
  }
  friend ATHERIA_LIFE_INLINE Eight operator|(const Eight& a, Word b) {
    return each([&](int i) { return a.part[i] | b; });
  }
  friend ATHERIA_LIFE_INLINE Eight operator~(const Eight& a) {
    return each([&](int i) { return ~a.part[i]; });
  }
  friend ATHERIA_LIFE_INLINE Eight operator<<(const Eight& a, int n) {
    return each([&](int i) { return a.part[i] << n; });
  }
  friend ATHERIA_LIFE_INLINE Eight operator>>(const Eight& a, int n) {
    return each([&](int i) { return a.part[i] >> n; });
  }
};

#endif

// Every word takes the one before it, the first the last; and the other way round.
ATHERIA_LIFE_INLINE Eight turned_up(const Eight& words) {
#if defined(ATHERIA_LIFE_AVX512)
  return words_from<7>(words, words);
#else
  Word turned[9];
  store(turned + 1, words);
  turned[0] = turned[8];
  return load<Eight>(turned);
#endif
}

ATHERIA_LIFE_INLINE Eight turned_down(const Eight& words) {
#if defined(ATHERIA_LIFE_AVX512)
  return words_from<1>(words, words);
#else
  Word turned[9];
  store(turned, words);
  turned[8] = turned[0];
  return load<Eight>(turned + 1);
#endif
}

// All of them, or-ed.
ATHERIA_LIFE_INLINE Word any_of(const Eight& words) {
  Word each[8];
  store(each, words);
  return each[0] | each[1] | each[2] | each[3] | each[4] | each[5] | each[6] | each[7];
}

}  // namespace atheria::cpu::ATHERIA_ISA
