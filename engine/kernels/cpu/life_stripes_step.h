#pragma once

#include "engine/kernels/cpu/life_logic.h"
#include "engine/kernels/cpu/life_stripes.h"

// Steps of a slab, several at once: each one a row behind the one before it, two rows at a time, so
// that what lies between the first and the last step stays in the core's own cache.
namespace atheria::cpu::ATHERIA_ISA {

// A column of four rows; the two in the middle are stepped.
struct StripeColumn {
  Sums<Wide> upper, lower;  // of three rows each
  Wide x, y;                // the cells
};

// Two rows of a slab, `in` with one more on either side.
template <class Rule>
class StripePair {
 public:
  ATHERIA_LIFE_INLINE StripePair(const LifeStripes& s, const Word* const* in, Word* const* out,
                                 const Rule& rule)
      : columns_(s.columns),
        longest_(s.longest),
        rows_{in[0], in[1], in[2], in[3]},
        upper_(out[0]),
        lower_(out[1]),
        rule_(rule) {}

  ATHERIA_LIFE_INLINE void step() const {
    StripeColumn west = west_end(), here = column(0);
    std::int64_t i = 0;
    for (; i + 4 < columns_; i += 4) {
      const StripeColumn c = column(i + 1), d = column(i + 2);
      two(west, here, c, d, i);
      west = column(i + 3);
      here = column(i + 4);
      two(c, d, west, here, i + 2);
    }
    for (; i + 2 < columns_; i += 2) {
      const StripeColumn c = column(i + 1), d = column(i + 2);
      two(west, here, c, d, i);
      west = c;
      here = d;
    }
    if (i + 2 == columns_)
      two(west, here, column(i + 1), east_end(), i);
    else
      one(west, here, east_end(), i);
  }

 private:
  static constexpr std::int64_t kStride = kLanes<Wide>;

  ATHERIA_LIFE_INLINE StripeColumn column(std::int64_t i) const {
    const Wide a = load<Wide>(rows_[0] + i * kStride), b = load<Wide>(rows_[1] + i * kStride);
    const Wide c = load<Wide>(rows_[2] + i * kStride), d = load<Wide>(rows_[3] + i * kStride);
    const Wide both = b ^ c;
    return {{a ^ both, majority(a, b, c)}, {both ^ d, majority(d, b, c)}, b, c};
  }

  ATHERIA_LIFE_INLINE void two(const StripeColumn& a, const StripeColumn& b, const StripeColumn& c,
                               const StripeColumn& d, std::int64_t i) const {
    const auto upper = next_two(a.upper, b.upper, c.upper, d.upper, b.x, c.x, rule_);
    store(upper_ + i * kStride, upper.first);
    store(upper_ + (i + 1) * kStride, upper.second);
    const auto lower = next_two(a.lower, b.lower, c.lower, d.lower, b.y, c.y, rule_);
    store(lower_ + i * kStride, lower.first);
    store(lower_ + (i + 1) * kStride, lower.second);
  }

  ATHERIA_LIFE_INLINE void one(const StripeColumn& a, const StripeColumn& b, const StripeColumn& c,
                               std::int64_t i) const {
    store(upper_ + i * kStride, next_one(a.upper, b.upper, c.upper, b.x, rule_));
    store(lower_ + i * kStride, next_one(a.lower, b.lower, c.lower, b.y, rule_));
  }

  // West of column 0 is the last column of the segment before; in a shorter segment, the one before
  // it.
  ATHERIA_LIFE_INLINE StripeColumn west_end() const {
    const StripeColumn last = column(columns_ - 1), other = column(columns_ - 2);
    const Wide longest = all<Wide>(longest_);
    return {up(pick_sums(longest, last.upper, other.upper)),
            up(pick_sums(longest, last.lower, other.lower)), last.x, last.y};
  }

  // East of the last column is the first one of the segment that follows; in a shorter segment,
  // whose last column is that one already, the second.
  ATHERIA_LIFE_INLINE StripeColumn east_end() const {
    const StripeColumn first = column(0), other = column(1);
    const Wide longest = rotated_up(all<Wide>(longest_));
    return {down(pick_sums(longest, first.upper, other.upper)),
            down(pick_sums(longest, first.lower, other.lower)), first.x, first.y};
  }

  ATHERIA_LIFE_INLINE static Sums<Wide> pick_sums(Wide mask, const Sums<Wide>& a,
                                                  const Sums<Wide>& b) {
    return {pick(mask, a.ones, b.ones), pick(mask, a.twos, b.twos)};
  }
  ATHERIA_LIFE_INLINE static Sums<Wide> up(const Sums<Wide>& s) {
    return {rotated_up(s.ones), rotated_up(s.twos)};
  }
  ATHERIA_LIFE_INLINE static Sums<Wide> down(const Sums<Wide>& s) {
    return {rotated_down(s.ones), rotated_down(s.twos)};
  }

  const std::int64_t columns_;
  const Word longest_;
  const Word* const rows_[4];
  Word* const upper_;
  Word* const lower_;
  const Rule& rule_;
};

template <class Rule>
void step_slab(const LifeStripes& s, int slab, int steps, const Rule& rule) {
  Word* const cells = s.row(slab, 0);
  Word* const rings = s.ring(slab);
  const auto row = [&](int step, std::int64_t y) {
    return step == 0 || step == steps
               ? cells + y * s.pitch
               : rings + ((step - 1) * kLifeRing + (y & (kLifeRing - 1))) * s.pitch;
  };
  for (std::int64_t pair = -((steps - 1) / 2); 2 * pair - steps < s.rows; ++pair) {
    for (int step = 1; step <= steps; ++step) {
      const std::int64_t y = 2 * pair - step, margin = steps - step;
      if (y + 1 < -margin || y >= s.rows + margin) continue;
      const Word* const in[] = {row(step - 1, y - 1), row(step - 1, y), row(step - 1, y + 1),
                                row(step - 1, y + 2)};
      Word* const out[] = {row(step, y), row(step, y + 1)};
      StripePair<Rule>(s, in, out, rule).step();
    }
  }
}

}  // namespace atheria::cpu::ATHERIA_ISA
