#include "engine/law/life_kernel.h"

#include "engine/law/vector_clones.h"

namespace atheria::life {
namespace {

// The cells around 64 cells: to the west, their own and to the east, in the row above (0), theirs
// (1), below (2).
struct Nine {
  Word w0, c0, e0, w1, c1, e1, w2, c2, e2;
};

// Living neighbours of 64 cells: bit i of each word is a binary digit of cell i's count.
struct Count {
  Word ones, twos, fours, eights;
};

ATHERIA_INLINE Count count(const Nine& n) {
  const Word up1 = n.w0 ^ n.c0 ^ n.e0, up2 = (n.w0 & n.c0) | (n.e0 & (n.w0 ^ n.c0));
  const Word down1 = n.w2 ^ n.c2 ^ n.e2, down2 = (n.w2 & n.c2) | (n.e2 & (n.w2 ^ n.c2));
  const Word side1 = n.w1 ^ n.e1, side2 = n.w1 & n.e1;
  const Word carry = (up1 & down1) | (side1 & (up1 ^ down1));
  // Four words of weight two, added in pairs.
  const Word a = up2 ^ down2, a_carry = up2 & down2;
  const Word b = side2 ^ carry, b_carry = side2 & carry;
  const Word ab = a & b;
  return {up1 ^ down1 ^ side1, a ^ b, a_carry ^ b_carry ^ ab,
          (a_carry & b_carry) | (ab & (a_carry ^ b_carry))};
}

struct Conway {
  ATHERIA_INLINE Word operator()(const Count& n, Word alive) const {
    return n.twos & ~n.fours & (n.ones | alive);  // three, or two and alive
  }
};

struct Any {
  const RuleMasks& rule;

  ATHERIA_INLINE Word pick(int n, Word here, Word alive) const {
    return here & ((rule.birth[n] & ~alive) | (rule.survive[n] & alive));
  }
  ATHERIA_INLINE Word operator()(const Count& n, Word alive) const {
    const Word low = ~n.fours & ~n.eights, high = n.fours;
    const Word is0 = ~n.ones & ~n.twos, is1 = n.ones & ~n.twos;
    const Word is2 = ~n.ones & n.twos, is3 = n.ones & n.twos;
    return pick(0, low & is0, alive) | pick(1, low & is1, alive) | pick(2, low & is2, alive) |
           pick(3, low & is3, alive) | pick(4, high & is0, alive) | pick(5, high & is1, alive) |
           pick(6, high & is2, alive) | pick(7, high & is3, alive) | pick(8, n.eights, alive);
  }
};

// Each cell's western neighbour, for word i of a row that wraps; then the eastern one.
Word west(const Row& row, std::int64_t i) {
  const Word carry =
      i > 0 ? row.words[i - 1] >> 63 : row.words[row.count - 1] >> (row.last - 1) & 1;
  return row.words[i] << 1 | carry;
}

Word east(const Row& row, std::int64_t i) {
  const Word carry =
      i + 1 < row.count ? row.words[i + 1] << 63 : (row.words[0] & 1) << (row.last - 1);
  return row.words[i] >> 1 | carry;
}

template <class Rule>
void edge_word(const Row& up, const Row& middle, const Row& down, Word* out, std::int64_t i,
               const Rule& rule) {
  const Nine nine{west(up, i),     up.words[i],   east(up, i),   west(middle, i), middle.words[i],
                  east(middle, i), west(down, i), down.words[i], east(down, i)};
  const Word cells = i + 1 < middle.count ? ~Word{0} : ~Word{0} >> (64 - middle.last);
  out[i] = rule(count(nine), middle.words[i]) & cells;
}

// Words between the first and the last: no wrap, so that the compiler can take several at once.
template <class Rule>
ATHERIA_INLINE void inner_words(const Word* up, const Word* middle, const Word* down,
                                Word* __restrict out, std::int64_t n, const Rule& rule) {
  const auto w = [](const Word* row, std::int64_t i) { return row[i] << 1 | row[i - 1] >> 63; };
  const auto e = [](const Word* row, std::int64_t i) { return row[i] >> 1 | row[i + 1] << 63; };
  for (std::int64_t i = 1; i < n - 1; ++i) {
    const Nine nine{w(up, i),     up[i],      e(up, i), w(middle, i), middle[i],
                    e(middle, i), w(down, i), down[i],  e(down, i)};
    out[i] = rule(count(nine), middle[i]);
  }
}

template <class Rule>
ATHERIA_INLINE void step(const Row& up, const Row& middle, const Row& down, Word* out,
                         const Rule& rule) {
  inner_words(up.words, middle.words, down.words, out, middle.count, rule);
  edge_word(up, middle, down, out, 0, rule);
  edge_word(up, middle, down, out, middle.count - 1, rule);
}

}  // namespace

RuleMasks::RuleMasks(const LifeRule& rule) {
  for (int n = 0; n <= 8; ++n) {
    birth[n] = rule.birth >> n & 1 ? ~Word{0} : 0;
    survive[n] = rule.survive >> n & 1 ? ~Word{0} : 0;
  }
}

ATHERIA_VECTOR_CLONES
void step_conway(const Row& up, const Row& middle, const Row& down, Word* out) {
  step(up, middle, down, out, Conway{});
}

ATHERIA_VECTOR_CLONES
void step_any(const Row& up, const Row& middle, const Row& down, Word* out, const RuleMasks& rule) {
  const RuleMasks local = rule;  // so that the loop sees it cannot change
  step(up, middle, down, out, Any{local});
}

}  // namespace atheria::life
