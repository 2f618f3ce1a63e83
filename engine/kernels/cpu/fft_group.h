#pragma once

#include "engine/kernels/cpu/fft_vector.h"

// A group: 16 vectors with 16 neighbours of a row in the lanes of each, for sources compiled by
// atheria_isa_kernels. To go across the lanes, a transform needs the 16 x 16 numbers transposed. Half
// of that happens on the way into a small buffer (4 x 4 numbers inside chunks of four), half on the
// way out of it (chunks): vector 4 K + r of the buffer holds, chunk c, place j, lane 4 c + r of vector
// K + 4 j of the group.
namespace atheria::cpu::ATHERIA_ISA {

inline constexpr int kFour = 4 * kFftVector;  // numbers in four vectors

template <class T>
struct alignas(64) Group {
  T numbers[16 * kFftVector];
};

// Vectors K, K + 4, K + 8, K + 12 of a group into the buffer, and back.
template <class T>
ATHERIA_LANES_INLINE void put_four(T* buffer, int k, Number<T>* x) {
  transpose4(x[0].re, x[1].re, x[2].re, x[3].re);
  transpose4(x[0].im, x[1].im, x[2].im, x[3].im);
  ATHERIA_UNROLL for (int r = 0; r < 4; ++r) store(buffer + k * kFour + r * kFftVector, x[r]);
}
template <class T>
ATHERIA_LANES_INLINE void get_four(const T* buffer, int k, Number<T>* x) {
  ATHERIA_UNROLL for (int r = 0; r < 4; ++r) x[r] = load(buffer + k * kFour + r * kFftVector);
  transpose4(x[0].re, x[1].re, x[2].re, x[3].re);
  transpose4(x[0].im, x[1].im, x[2].im, x[3].im);
}

// Lanes n, n + 4, n + 8, n + 12 of the group's vectors, and back; `lane` says which vectors.
template <class T>
ATHERIA_LANES_INLINE void take_lanes(const T* buffer, int lane, int n, Number<T>* x) {
  const T* const from = buffer + lane / 4 * kFour + n * kFftVector;
  Lanes<T> part[4];
  Lanes<T>::take_across(from, kFour, part);
  ATHERIA_UNROLL for (int c = 0; c < 4; ++c) x[c].re = part[c];
  Lanes<T>::take_across(from + kFftLanes, kFour, part);
  ATHERIA_UNROLL for (int c = 0; c < 4; ++c) x[c].im = part[c];
}
template <class T>
ATHERIA_LANES_INLINE void put_lanes(T* buffer, int lane, int n, const Number<T>* x) {
  T* const to = buffer + lane / 4 * kFour + n * kFftVector;
  Lanes<T> part[4];
  ATHERIA_UNROLL for (int c = 0; c < 4; ++c) part[c] = x[c].re;
  Lanes<T>::put_across(to, kFour, part);
  ATHERIA_UNROLL for (int c = 0; c < 4; ++c) part[c] = x[c].im;
  Lanes<T>::put_across(to + kFftLanes, kFour, part);
}

// Across the lanes of a group, in the buffer: transform, change(k, lane, z), inverse (times 16).
template <class T, class Change>
ATHERIA_LANES_INLINE void lanes_there_and_back(T* buffer, const Change& change) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth)
    there_and_back16<T>([&](int n, Number<T>* x) { take_lanes(buffer, lane, n, x); },
                        [&](int k, Number<T> z) { return change(k, lane, z); },
                        [&](int n, const Number<T>* x) { put_lanes(buffer, lane, n, x); });
}

// Its halves; modes: 16 vectors, one for each k.
template <class T>
ATHERIA_LANES_ALONE void lanes_forward(const T* buffer, T* modes) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    Number<T> y[16];
    dft16_first<T>(y, [&](int n, Number<T>* x) { take_lanes(buffer, lane, n, x); });
    dft16_second<T>(y, [&](int k, const Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i)
          store(modes + (k + 4 * i) * kFftVector + lane, x[i]);
    });
  }
}

template <class T, class Change>
ATHERIA_LANES_INLINE void lanes_inverse(const T* modes, T* buffer, const Change& change) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    Number<T> y[16];
    dft16_first<T>(y, [&](int n, Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] =
          swapped(change(n + 4 * i, lane, load(modes + (n + 4 * i) * kFftVector + lane)));
    });
    dft16_second<T>(y, [&](int k, Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] = swapped(x[i]);
      put_lanes(buffer, lane, k, x);
    });
  }
}

// The last pass along a row into the buffer, and back: a block of 16 vectors is a group.
template <class T>
ATHERIA_LANES_ALONE void leaf_to_group(const FftLine<T>& block, const T* turns, T* buffer) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    const Strided<T, 0> in(block.first + lane, block.step);
    Number<T> y[16];
    dft16_first<T>(y, [&](int n, Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] = load(in[n + 4 * i]);
    });
    dft16_second<T>(y, [&](int k, Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] =
          times(x[i], load(turns + (k + 4 * i) * kFftVector + lane));
      put_four(buffer + lane, k, x);
    });
  }
}

template <class T>
ATHERIA_LANES_ALONE void group_to_leaf(const FftLine<T>& block, const T* turns, const T* buffer) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    const Strided<T, 0> out(block.first + lane, block.step);
    Number<T> y[16];
    dft16_first<T>(y, [&](int n, Number<T>* x) {
      get_four(buffer + lane, n, x);
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] =
          swapped(times_conjugate(x[i], load(turns + (n + 4 * i) * kFftVector + lane)));
    });
    dft16_second<T>(y, [&](int k, const Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) store(out[k + 4 * i], swapped(x[i]));
    });
  }
}

}  // namespace atheria::cpu::ATHERIA_ISA
