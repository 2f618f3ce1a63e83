#pragma once

#include "engine/kernels/cpu/life_eight.h"
#include "engine/kernels/cpu/life_logic.h"

// Up to kLifeTileReach steps of a tile (life_tiles.h), in registers: the tile with 8 rows of its
// neighbours above and below it and kLifeTileReach cells of them to the sides. What is around that
// is taken for dead, so that with every step one more row and cell at the rim is wrong.
namespace atheria::cpu::ATHERIA_ISA {

#if defined(__clang__)
#define ATHERIA_LIFE_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define ATHERIA_LIFE_UNROLL _Pragma("GCC unroll 16")
#else
#define ATHERIA_LIFE_UNROLL
#endif

// 128 rows: row 16 q + s is lane q of slot s. The row above is the slot before; above slot 0, the
// last slot, a lane on.
struct TileWindow {
  Eight slot[kLifeTileSlots];
};

template <class V>
ATHERIA_LIFE_INLINE Sums<V> row_sums(const V& cells) {
  const V west = cells << 1, east = cells >> 1;
  return {west ^ cells ^ east, majority(west, cells, east)};
}

template <class Rule>
ATHERIA_LIFE_INLINE void step_window(TileWindow& window, const Rule& rule) {
  auto* const slot = window.slot;
  const auto first = row_sums(slot[0]), last = row_sums(slot[kLifeTileSlots - 1]);
  const Sums<Eight> end{turned_down(first.ones), turned_down(first.twos)};
  Sums<Eight> above{turned_up(last.ones), turned_up(last.twos)}, here = first;
  ATHERIA_LIFE_UNROLL
  for (int i = 0; i < kLifeTileSlots; i += 2) {
    const auto next = row_sums(slot[i + 1]);
    const auto after = i + 2 < kLifeTileSlots ? row_sums(slot[(i + 2) % kLifeTileSlots]) : end;
    const auto made = next_two(above, here, next, after, slot[i], slot[i + 1], rule);
    slot[i] = made.first;
    slot[i + 1] = made.second;
    above = next;
    here = after;
  }
}

// The slots of one of the view's three columns of tiles, with the rows above and below them.
#if defined(ATHERIA_LIFE_AVX512)
struct TileColumn {
  const Word *above, *own, *below;

  ATHERIA_LIFE_INLINE TileColumn(const LifeTileView& view, int column)
      : above(view.above[column]), own(view.own[column]), below(view.below[column]) {}

  ATHERIA_LIFE_INLINE Eight slot(int i) const {
    const Word* const other = i < 8 ? above + i : below + (i - 8);
    return reinterpret_cast<Eight>(
        _mm512_mask_broadcastq_epi64(reinterpret_cast<__m512i>(load<Eight>(own + 8 * i)),
                                     i < 8 ? __mmask8{0x01} : __mmask8{0x80},
                                     _mm_loadl_epi64(reinterpret_cast<const __m128i*>(other))));
  }
};
#else
struct TileColumn {
  Word words[8 * kLifeTileSlots];

  TileColumn(const LifeTileView& view, int column) {
    std::memcpy(words, view.own[column], sizeof words);
    for (int i = 0; i < 8; ++i) {
      words[8 * i] = view.above[column][i];
      words[8 * (i + 8) + 7] = view.below[column][i];
    }
  }

  ATHERIA_LIFE_INLINE Eight slot(int i) const { return load<Eight>(words + 8 * i); }
};
#endif

ATHERIA_LIFE_INLINE void look(TileWindow& window, const LifeTileView& view) {
  const TileColumn west(view, 0), own(view, 1), east(view, 2);
  ATHERIA_LIFE_UNROLL
  for (int i = 0; i < kLifeTileSlots; ++i)
    window.slot[i] = own.slot(i) | west.slot(i) >> view.west_width | east.slot(i) << view.width;
}

// The lanes of a tile's own rows: in slots 0 to 7 all but the first, in 8 to 15 all but the last.
constexpr Word kOdd[8] = {0, ~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}};
constexpr Word kEven[8] = {~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}, ~Word{0}, 0};

// Which neighbours of a tile, and itself, have a cell of it within kLifeTileReach that changed.
inline unsigned tile_reach(const LifeTileView& view, const Eight& odd, const Eight& even) {
  const Word left = ((Word{1} << kLifeTileReach) - 1) << kLifeTileReach;
  const Word right = left << (view.width - kLifeTileReach);
  const auto row = [&](Word changed) {
    return static_cast<unsigned>((changed & left) != 0) | static_cast<unsigned>(changed != 0) << 1 |
           static_cast<unsigned>((changed & right) != 0) << 2;
  };
  const auto rows = [&](const Word(*lanes)[8]) {
    return any_of((odd & load<Eight>(lanes[0])) | (even & load<Eight>(lanes[1])));
  };
  return row(rows(view.top)) | row(any_of(odd | even)) << 3 | row(rows(view.bottom)) << 6;
}

template <class Rule>
unsigned step_tile(const LifeTileView& view, int steps, const Rule& rule) {
  TileWindow window;
  look(window, view);
  for (int step = 0; step < steps; ++step) step_window(window, rule);
  const Eight cells = all<Eight>(((Word{1} << view.width) - 1) << kLifeTileReach);
  const Eight odd_cells = cells & load<Eight>(kOdd), even_cells = cells & load<Eight>(kEven);
  Eight odd = {}, even = {};
  ATHERIA_LIFE_UNROLL
  for (int i = 0; i < kLifeTileSlots; ++i) {
    const Eight made = window.slot[i] & (i < 8 ? odd_cells : even_cells);
    const Eight changed = made ^ load<Eight>(view.out + 8 * i);
    store(view.out + 8 * i, made);
    if (i < 8)
      odd = odd | changed;
    else
      even = even | changed;
  }
  return tile_reach(view, odd, even);
}

// Whether a tile that is not to be stepped never changes: in and around it both generations are the
// same, and so is what a step makes of them.
template <class Rule>
bool tile_rests(const LifeTileView& view, const LifeTileView& other, const Rule& rule) {
  TileWindow before, window;
  look(before, other);
  look(window, view);
  Eight differ = {};
  for (int i = 0; i < kLifeTileSlots; ++i) differ = differ | (window.slot[i] ^ before.slot[i]);
  step_window(window, rule);
  Eight moved = (window.slot[0] ^ before.slot[0]) & load<Eight>(kOdd);
  for (int i = 1; i + 1 < kLifeTileSlots; ++i) moved = moved | (window.slot[i] ^ before.slot[i]);
  moved = moved | ((window.slot[kLifeTileSlots - 1] ^ before.slot[kLifeTileSlots - 1]) &
                   load<Eight>(kEven));
  const Word near = (Word{1} << (view.width + 2 * kLifeTileReach - 1)) - 1;  // and one more
  return (any_of(differ) & (near << 1 | 1)) == 0 && (any_of(moved) & near & ~Word{1}) == 0;
}

}  // namespace atheria::cpu::ATHERIA_ISA
