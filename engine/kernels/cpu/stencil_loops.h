#pragma once

#include "engine/kernels/cpu/stencil.h"
#include "engine/kernels/cpu/vec.h"

// The loops every stencil law shares, for one instruction set. A law brings a struct `Cells` with
// its numbers in vectors and
//
//   template <int kStage> void step(const V (&here)[2], const V (&lap)[2], const V (&old)[2],
//                                   V (&next)[2]) const;
//
// for V::kLanes cells at a time: their two channels, laplacians, channels before the step, result.
namespace atheria::cpu::ATHERIA_ISA {

#if defined(__clang__)
#define ATHERIA_NO_ALIAS _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define ATHERIA_NO_ALIAS _Pragma("GCC ivdep")
#else
#define ATHERIA_NO_ALIAS
#endif

template <class T>
ATHERIA_VEC_INLINE void fetch(const T* ahead) {
#if defined(ATHERIA_ISA_avx2) || defined(ATHERIA_ISA_avx512)
  _mm_prefetch(reinterpret_cast<const char*>(ahead), _MM_HINT_T1);
#else
  static_cast<void>(ahead);  // one a cell would be more work than the cell
#endif
}

// Sum of the neighbours less 4 (6) times the cell, in the order of engine/law/stencil.cpp. Four
// times a cell is exact, so that rounding once after both gives the same bits as rounding twice.
template <class V>
ATHERIA_VEC_INLINE V less_four(V sum, V here) {
#if defined(ATHERIA_ISA_avx2) || defined(ATHERIA_ISA_avx512)
  return fused(here, V::all(-4), sum);
#else
  return sum - V::all(4) * here;
#endif
}

// Where in a row a vector lies. The ends of a bare row find a neighbour at the other end.
enum class Place { inside, first, last };

// The cells to the left and right of those at row + x, added. kPlace: of bare rows, whose other end
// lies `width` away.
template <Place kPlace, class V, class T>
ATHERIA_VEC_INLINE V beside(const T* row, std::int64_t x, std::int64_t width, V here) {
  if constexpr (kPlace == Place::first)
    return after(row[width - 1], here) +
           (width > V::kLanes ? V::load(row + 1) : before(here, row[0]));
  else if constexpr (kPlace == Place::last)
    return V::load(row + x - 1) + before(here, row[0]);
  else
    return V::load(row + x - 1) + V::load(row + x + 1);
}

// Stores all lanes, or the first `count`.
template <bool kAll, class V, class T>
ATHERIA_VEC_INLINE void put(V value, T* to, std::int64_t count) {
  if constexpr (kAll)
    value.store(to);
  else
    value.store_first(to, count);
}

// The cells before and after a row that closes on itself.
template <class T>
ATHERIA_VEC_INLINE void close_row(T* row, std::int64_t width) {
  row[-1] = row[width - 1];
  row[width] = row[0];
}

// One vector of both rows.
template <int kStage, bool kAll, Place kPlace, class Cells, class T>
ATHERIA_VEC_INLINE void flat_cells(const Cells& cells, const FlatWork<T>& work, std::int64_t x,
                                   std::int64_t count) {
  using V = Vec<T>;
  V line[2][4];
  for (int c = 0; c < 2; ++c)
    for (int r = 0; r < 4; ++r) line[c][r] = V::load(work.from[c][r] + x);
  for (int r = 0; r < 2; ++r) {
    V here[2], lap[2], old[2] = {}, next[2];
    for (int c = 0; c < 2; ++c) {
      here[c] = line[c][r + 1];
      const V sum = beside<kPlace>(work.from[c][r + 1], x, work.width, here[c]);
      lap[c] = less_four(sum + line[c][r] + line[c][r + 2], here[c]);
      if constexpr (kStage > 0) old[c] = V::load(work.old[c][r] + x);
    }
    cells.template step<kStage>(here, lap, old, next);
    for (int c = 0; c < 2; ++c) put<kAll>(next[c], work.to[c][r] + x, count);
  }
}

template <int kStage, class Cells, class T>
void flat_rows(const Cells cells, const FlatWork<T> work) {
  constexpr auto kLanes = Vec<T>::kLanes;
  const auto end = work.bare ? work.width - kLanes : work.width;
  std::int64_t x = 0;
  if (work.bare) {
    flat_cells<kStage, true, Place::first>(cells, work, 0, kLanes);
    x = kLanes;
  }
  ATHERIA_NO_ALIAS
  for (; x + kLanes <= end; x += kLanes) {
    fetch(work.ahead + x);
    flat_cells<kStage, true, Place::inside>(cells, work, x, kLanes);
  }
  if (x < end) flat_cells<kStage, false, Place::inside>(cells, work, x, end - x);
  if (work.bare && work.width > kLanes)
    flat_cells<kStage, true, Place::last>(cells, work, end, kLanes);
  if (!work.close) return;
  for (int c = 0; c < 2; ++c)
    for (int r = 0; r < 2; ++r) close_row(work.to[c][r], work.width);
}

// A row of a DeepWork.
template <class T>
struct DeepRow {
  const T* from[2][5];
  const T* old[2];
  T* to[2];
  const T* ahead;

  DeepRow(const DeepWork<T>& work, std::int64_t row) : ahead(work.ahead + row * work.ahead_pitch) {
    for (int c = 0; c < 2; ++c) {
      for (int i = 0; i < 5; ++i) from[c][i] = work.from[c][i] + row * work.pitch;
      old[c] = work.old[c] + row * work.pitch;
      to[c] = work.to[c] + row * work.to_pitch;
    }
  }
};

// One vector of a row.
template <int kStage, bool kAll, Place kPlace, class Cells, class T>
ATHERIA_VEC_INLINE void deep_cells(const Cells& cells, const DeepRow<T>& row, std::int64_t width,
                                   std::int64_t x, std::int64_t count) {
  using V = Vec<T>;
  V here[2], lap[2], old[2] = {}, next[2];
  for (int c = 0; c < 2; ++c) {
    here[c] = V::load(row.from[c][0] + x);
    V sum = beside<kPlace>(row.from[c][0], x, width, here[c]);
    for (int i = 1; i < 5; ++i) sum = sum + V::load(row.from[c][i] + x);
    lap[c] = sum - V::all(6) * here[c];
    if constexpr (kStage > 0) old[c] = V::load(row.old[c] + x);
  }
  cells.template step<kStage>(here, lap, old, next);
  for (int c = 0; c < 2; ++c) put<kAll>(next[c], row.to[c] + x, count);
}

template <int kStage, class Cells, class T>
ATHERIA_VEC_INLINE void deep_row(const Cells& cells, const DeepRow<T> row, std::int64_t width,
                                 bool bare) {
  constexpr auto kLanes = Vec<T>::kLanes;
  const auto end = bare ? width - kLanes : width;
  std::int64_t x = 0;
  if (bare) {
    deep_cells<kStage, true, Place::first>(cells, row, width, 0, kLanes);
    x = kLanes;
  }
  ATHERIA_NO_ALIAS
  for (; x + kLanes <= end; x += kLanes) {
    fetch(row.ahead + x);
    deep_cells<kStage, true, Place::inside>(cells, row, width, x, kLanes);
  }
  if (x < end) deep_cells<kStage, false, Place::inside>(cells, row, width, x, end - x);
  if (bare && width > kLanes) deep_cells<kStage, true, Place::last>(cells, row, width, end, kLanes);
}

template <int kStage, class Cells, class T>
void deep_rows(const Cells cells, const DeepWork<T> work) {
  for (std::int64_t i = 0; i < work.rows; ++i) {
    const DeepRow<T> row(work, i);
    deep_row<kStage>(cells, row, work.width, work.bare);
    if (work.close)
      for (int c = 0; c < 2; ++c) close_row(row.to[c], work.width);
  }
}

// The table of a law: Cells<T>(law) are its numbers in vectors.
template <class Law, class Cells>
struct Loops {
  using T = typename Law::Number;
  static void flat(const Law& law, int stage, const FlatWork<T>& work) {
    if constexpr (Law::kStages > 1)
      if (stage > 0) return flat_rows<1>(Cells(law), work);
    flat_rows<0>(Cells(law), work);
  }
  static void deep(const Law& law, int stage, const DeepWork<T>& work) {
    if constexpr (Law::kStages > 1)
      if (stage > 0) return deep_rows<1>(Cells(law), work);
    deep_rows<0>(Cells(law), work);
  }
  static constexpr StencilKernels<Law> kTable{flat, deep};
};

}  // namespace atheria::cpu::ATHERIA_ISA
