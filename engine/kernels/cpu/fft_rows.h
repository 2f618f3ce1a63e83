#pragma once

#include "engine/kernels/cpu/fft_group.h"
#include "engine/kernels/cpu/fft_passes.h"

// Transforms along rows whose neighbours lie in the lanes (FftRows), for sources compiled by
// atheria_isa_kernels: rows_forward, then take_group for every group, which is then transformed
// across its lanes; and back by put_group and rows_inverse.
namespace atheria::cpu::ATHERIA_ISA {

// The rows of FftRows: their vectors, from the first one's first on.
template <class T>
struct RowLines {
  FftLine<T> first;
  std::int64_t apart;  // from row to row

  FftLine<T> row(std::int64_t i) const { return {first.first + i * apart, first.step, first.leap}; }
};

// each(i, vector, turns) for the 16 vectors of a group, which go on from row to row.
template <class T, class Each>
ATHERIA_LANES_INLINE void for_each_vector(const FftRows<T>& rows, const RowLines<T>& lines,
                                          std::int64_t group, const Each& each) {
  auto row = 16 * group / rows.axis.length, p = 16 * group % rows.axis.length;
  auto block = p / rows.axis.leaf, place = p % rows.axis.leaf;
  for (int i = 0; i < 16; ++i) {
    const auto line = lines.row(row);
    each(i, line.first + block * line.leap + place * line.step, rows.turns + p * kFftVector);
    ++p;
    if (++place == rows.axis.leaf) place = 0, ++block;
    if (p == rows.axis.length) p = block = 0, ++row;
  }
}

// A group into the buffer, and back, once rows_forward has been along the rows.
template <class T>
void take_group(const FftRows<T>& rows, const RowLines<T>& lines, std::int64_t group, T* buffer) {
  if (rows.axis.leaf == 16) {
    const auto& line = lines.first;
    return leaf_to_group(FftLine<T>{line.first + group * line.leap, line.step, line.leap},
                         rows.turns + group * 16 * kFftVector, buffer);
  }
  Number<T> x[16];
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    for_each_vector(rows, lines, group, [&](int i, const T* vector, const T* turns) {
      x[i % 4 * 4 + i / 4] = times(load(vector + lane), load(turns + lane));
    });
    for (int k = 0; k < 4; ++k) put_four(buffer + lane, k, x + 4 * k);
  }
}

template <class T>
void put_group(const FftRows<T>& rows, const RowLines<T>& lines, std::int64_t group,
               const T* buffer) {
  if (rows.axis.leaf == 16) {
    const auto& line = lines.first;
    return group_to_leaf(FftLine<T>{line.first + group * line.leap, line.step, line.leap},
                         rows.turns + group * 16 * kFftVector, buffer);
  }
  Number<T> x[16];
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    for (int k = 0; k < 4; ++k) get_four(buffer + lane, k, x + 4 * k);
    for_each_vector(rows, lines, group, [&](int i, T* vector, const T* turns) {
      store(vector + lane, times_conjugate(x[i % 4 * 4 + i / 4], load(turns + lane)));
    });
  }
}

// What a transform along x does before its groups are taken, and after they are put back (then all
// is times width). The last pass of 16 belongs to the groups.
template <class T>
void rows_forward(const FftRows<T>& rows, const RowLines<T>& lines) {
  if (rows.axis.leaf == 16)
    return passes<Ways::forward>(rows.axis, FftPart<T>{lines.first, 0, 0},
                                 [](const FftPart<T>&) {});
  for (std::int64_t i = 0; i < rows.rows; ++i) forward<0>(rows.axis, lines.row(i));
}

template <class T>
void rows_inverse(const FftRows<T>& rows, const RowLines<T>& lines) {
  if (rows.axis.leaf == 16)
    return passes<Ways::inverse>(rows.axis, FftPart<T>{lines.first, 0, 0},
                                 [](const FftPart<T>&) {});
  for (std::int64_t i = 0; i < rows.rows; ++i) inverse<0>(rows.axis, lines.row(i));
}

template <class T>
std::int64_t groups_of(const FftRows<T>& rows) {
  return rows.rows * rows.axis.length / 16;
}

// Asks for the rows after these: they lie in as many places as a row has vectors, more than the
// machine looks ahead by itself.
template <class T>
ATHERIA_LANES_INLINE void prefetch_rows(const FftRows<T>& rows, const RowLines<T>& lines) {
  if (rows.axis.length <= 16) return;
  const T* next = lines.row(rows.rows).first;
  for (std::int64_t i = 0; i < rows.axis.length; ++i, next += lines.first.step) {
    ATHERIA_PREFETCH(next);
    ATHERIA_PREFETCH(next + kFftLanes);
  }
}

}  // namespace atheria::cpu::ATHERIA_ISA
