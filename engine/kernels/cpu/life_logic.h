#pragma once

#include "engine/kernels/cpu/life_kernels.h"
#include "engine/kernels/cpu/life_vec.h"

// Life's arithmetic, a cell to a bit. Neighbours are counted with the cell itself, 0 to 9: first
// three cells along one axis (Sums), then three of those along the other.
namespace atheria::cpu::ATHERIA_ISA {

// ones + 2 twos, 0..3.
template <class V>
struct Sums {
  V ones, twos;
};

// Three Sums as ones + 2 (carry + twos + 2 fours).
template <class V>
struct Nine {
  V ones, carry, twos, fours;
};

// Three living cells around, or four with the cell itself alive.
struct Conway {
  template <class V>
  ATHERIA_LIFE_INLINE V operator()(const Nine<V>& n, V alive) const {
    const V odd = n.carry ^ n.twos;
    return pick(odd, n.ones & ~n.fours, alive & ~n.ones & (n.fours ^ n.twos));
  }
#if defined(ATHERIA_LIFE_AVX512)
  // In three instructions. `one`: carry + twos + 2 fours is 1, or 2 for fours alone. `right`: nine
  // is 3, or 4, or 0.
  template <class V>
  ATHERIA_LIFE_INLINE static V in_three(const Nine<V>& n, V alive) {
    const V one = ternary<(kC & ~(kA | kB)) | (~kC & (kA ^ kB))>(n.carry, n.twos, n.fours);
    const V right = ternary<(kA & (kB ^ kC)) | (~kA & ~kB & ~kC)>(one, n.ones, n.fours);
    return ternary<kA&(kB | kC)>(right, n.ones, alive);
  }
  ATHERIA_LIFE_INLINE Wide operator()(const Nine<Wide>& n, Wide alive) const {
    return in_three(n, alive);
  }
  ATHERIA_LIFE_INLINE Narrow operator()(const Nine<Narrow>& n, Narrow alive) const {
    return in_three(n, alive);
  }
#endif
};

// Any rule: looks the count up.
struct AnyRule {
  const LifeRuleMasks& masks;

  template <class V>
  ATHERIA_LIFE_INLINE V operator()(const Nine<V>& n, V alive) const {
    const V twos = n.carry ^ n.twos, both = n.carry & n.twos;
    const V fours = n.fours ^ both, eights = n.fours & both;
    const V odd_alive = n.ones & alive;
    const auto pair = [&](int i) {
      const V born = all<V>(masks.pair[i][0]) ^ (n.ones & all<V>(masks.pair[i][1]));
      return flip(flip(born, alive, all<V>(masks.pair[i][2])), odd_alive, all<V>(masks.pair[i][3]));
    };
    const auto four = [&](int i) { return pick(twos, pair(i + 1), pair(i)); };
    return pick(eights, pair(4), pick(fours, four(2), four(0)));
  }
};

// The next state of two neighbours b and c in the row (or column) a b c d of Sums; x and y are the
// cells at b and c. What both share is added once.
template <class V>
struct Two {
  V first, second;
};

template <class V, class Rule>
ATHERIA_LIFE_INLINE Two<V> next_two(const Sums<V>& a, const Sums<V>& b, const Sums<V>& c,
                                    const Sums<V>& d, V x, V y, const Rule& rule) {
  const V ones = b.ones ^ c.ones, twos = b.twos ^ c.twos;
  const Nine<V> first{a.ones ^ ones, majority(a.ones, b.ones, c.ones), a.twos ^ twos,
                      majority(a.twos, b.twos, c.twos)};
  const Nine<V> second{ones ^ d.ones, majority(b.ones, c.ones, d.ones), twos ^ d.twos,
                       majority(b.twos, c.twos, d.twos)};
  return {rule(first, x), rule(second, y)};
}

template <class V, class Rule>
ATHERIA_LIFE_INLINE V next_one(const Sums<V>& a, const Sums<V>& b, const Sums<V>& c, V x,
                               const Rule& rule) {
  const Nine<V> nine{a.ones ^ b.ones ^ c.ones, majority(a.ones, b.ones, c.ones),
                     a.twos ^ b.twos ^ c.twos, majority(a.twos, b.twos, c.twos)};
  return rule(nine, x);
}

}  // namespace atheria::cpu::ATHERIA_ISA
