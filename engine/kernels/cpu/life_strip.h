#pragma once

#include "engine/kernels/cpu/life_logic.h"

// One step of a strip of cells, a few words wide, from rows as they are.
namespace atheria::cpu::ATHERIA_ISA {

// The words before, of which the first is `outside`.
template <class V>
ATHERIA_LIFE_INLINE V words_before(V words, Word outside) {
#if defined(ATHERIA_LIFE_AVX512)
  return words_from<kLanes<V> - 1>(all<V>(outside), words);
#elif defined(ATHERIA_ISA_avx2)
  return __builtin_shufflevector(all<V>(outside), words, 0, 4, 5, 6);
#elif defined(__GNUC__)
  return V{outside, words[0]};
#else
  return outside;
#endif
}

// The words after, of which the last is `outside`.
template <class V>
ATHERIA_LIFE_INLINE V words_after(V words, Word outside) {
#if defined(ATHERIA_LIFE_AVX512)
  return words_from<1>(words, all<V>(outside));
#elif defined(ATHERIA_ISA_avx2)
  return __builtin_shufflevector(words, all<V>(outside), 1, 2, 3, 4);
#elif defined(__GNUC__)
  return V{words[1], outside};
#else
  return outside;
#endif
}

// Every cell's western neighbour, and its eastern one.
template <class V>
ATHERIA_LIFE_INLINE V western(V words, Word outside) {
  const V before = words_before(words, outside);
#if defined(ATHERIA_ISA_avx512_vbmi2)
  if constexpr (kLanes<V> == 8)
    return reinterpret_cast<V>(
        _mm512_shldi_epi64(reinterpret_cast<__m512i>(words), reinterpret_cast<__m512i>(before), 1));
  else
    return reinterpret_cast<V>(
        _mm256_shldi_epi64(reinterpret_cast<__m256i>(words), reinterpret_cast<__m256i>(before), 1));
#else
  return words << 1 | before >> 63;
#endif
}

template <class V>
ATHERIA_LIFE_INLINE V eastern(V words, Word outside) {
  const V after = words_after(words, outside);
#if defined(ATHERIA_ISA_avx512_vbmi2)
  if constexpr (kLanes<V> == 8)
    return reinterpret_cast<V>(
        _mm512_shrdi_epi64(reinterpret_cast<__m512i>(words), reinterpret_cast<__m512i>(after), 1));
  else
    return reinterpret_cast<V>(
        _mm256_shrdi_epi64(reinterpret_cast<__m256i>(words), reinterpret_cast<__m256i>(after), 1));
#else
  return words >> 1 | after << 63;
#endif
}

// As many words as V holds, from `first` on.
template <class V, bool kEdge, class Rule>
class StripWalk {
 public:
  ATHERIA_LIFE_INLINE StripWalk(const LifeStrip& s, int first, const Rule& rule)
      : s_(s), first_(first), words_(s.words - first), rule_(rule) {
    if constexpr (kEdge) set_edge();
  }

  ATHERIA_LIFE_INLINE void run() const {
    const std::int64_t pitch = s_.pitch, out_pitch = s_.out_pitch;
    Word* out = s_.out + first_;
    Place place = place_in(s_.here);
    Line a = line(place_in(s_.above)), b = line(place);
    std::int64_t left = s_.rows;
    for (; left > 2; left -= 2, out += 2 * out_pitch) {
      const Line c = line(place.move(pitch)), d = line(place.move(pitch));
      put_two(out, out + out_pitch, a, b, c, d);
      a = c;
      b = d;
    }
    const Line c = left == 2 ? line(place.move(pitch)) : line(place_in(s_.below));
    if (left == 2)
      put_two(out, out + out_pitch, a, b, c, line(place_in(s_.below)));
    else
      put(out, next_one(a.sums, b.sums, c.sums, b.cells, rule_));
  }

 private:
  static constexpr int kL = kLanes<V>;

  // A row's words, and where the ones before and after them are.
  struct Place {
    const Word *own, *before, *after;
    ATHERIA_LIFE_INLINE const Place& move(std::int64_t words) {
      own += words;
      before += words;
      after += words;
      return *this;
    }
  };

  struct Line {
    Sums<V> sums;
    V cells;
  };

  // rows: the strip before, this, and the strip after.
  ATHERIA_LIFE_INLINE Place place_in(const Word* const* rows) const {
    const Word* const own = rows[1] + first_;
    return {own, first_ > 0 ? own - 1 : rows[0], words_ <= kL ? rows[2] : own + kL};
  }

  // A row's cells, and each with its neighbours in the row.
  ATHERIA_LIFE_INLINE Line line(const Place& place) const {
    Word before = *place.before;
    V cells = loaded(place.own);
    if constexpr (kEdge) {
      if (first_ == 0) before <<= s_.west_shift;
      cells |= all<V>(0 - (*place.after & 1)) & follows_;
    }
    const V west = western(cells, before), east = eastern(cells, *place.after);
    return {{west ^ cells ^ east, majority(west, cells, east)}, cells};
  }

  ATHERIA_LIFE_INLINE V loaded(const Word* from) const {
    if constexpr (kEdge) return load_first<V>(from, words_) & keep_;
    return load<V>(from);
  }

  ATHERIA_LIFE_INLINE void put(Word* to, V next) const {
    if constexpr (kEdge)
      store_first(to, next & keep_, words_);
    else
      store(to, next);
  }

  // Writes the rows b and c of a b c d.
  ATHERIA_LIFE_INLINE void put_two(Word* to, Word* to_next, const Line& a, const Line& b,
                                   const Line& c, const Line& d) const {
    const auto next = next_two(a.sums, b.sums, c.sums, d.sums, b.cells, c.cells, rule_);
    put(to, next.first);
    put(to_next, next.second);
  }

  // Which bits are cells, and the bit after the last of them, where the row goes on with its first.
  void set_edge() {
    Word keep[kL] = {}, follows[kL + 1] = {};
    for (int i = 0; i < kL && i < words_; ++i) keep[i] = ~Word{0};
    if (words_ <= kL && s_.last < 64) {
      keep[words_ - 1] >>= 64 - s_.last;
      follows[words_ - 1] = Word{1} << s_.last;
    } else if (words_ <= kL) {
      follows[words_] = 1;
    }
    keep_ = load<V>(keep);
    follows_ = load<V>(follows);
  }

  const LifeStrip& s_;
  const int first_;
  const int words_;  // from `first` to the end of the strip
  const Rule& rule_;
  V keep_ = {}, follows_ = {};
};

template <class V, bool kEdge, class Rule>
void step_strip(const LifeStrip& s, const Rule& rule) {
  for (int first = 0; first < s.words; first += kLanes<V>)
    StripWalk<V, kEdge, Rule>(s, first, rule).run();
}

template <class V, class Rule>
void step_strip_by(const LifeStrip& s, const Rule& rule) {
  if (s.words % kLanes<V> != 0 || s.last < 64 || s.west_shift > 0)
    step_strip<V, true>(s, rule);
  else
    step_strip<V, false>(s, rule);
}

template <class Rule>
void step_strip(const LifeStrip& s, const Rule& rule) {
  if (s.words > 4)
    step_strip_by<Wide>(s, rule);
  else
    step_strip_by<Narrow>(s, rule);
}

}  // namespace atheria::cpu::ATHERIA_ISA
