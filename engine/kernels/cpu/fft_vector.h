#pragma once

#include "engine/kernels/cpu/fft.h"
#include "engine/kernels/cpu/fft_codelets.h"

// Vectors of complex numbers in memory (fft.h) and one transform of a few of them, for sources
// compiled by atheria_isa_kernels. A pointer to a vector may point at any lane of its real part: the
// lanes from there on take part.
namespace atheria::cpu::ATHERIA_ISA {

template <class T>
using Number = Complex<Lanes<T>>;

template <class T>
ATHERIA_LANES_INLINE Number<T> load(const T* vector) {
  return {Lanes<T>::load(vector), Lanes<T>::load(vector + kFftLanes)};
}
template <class T>
ATHERIA_LANES_INLINE void store(T* vector, Number<T> z) {
  z.re.store(vector);
  z.im.store(vector + kFftLanes);
}
// One complex number for all lanes.
template <class T>
ATHERIA_LANES_INLINE Number<T> constant(const T* number) {
  return {Lanes<T>::all(number[0]), Lanes<T>::all(number[1])};
}

// Vectors that a constant number of numbers lie apart: addresses cost nothing.
template <class T, std::int64_t Stride>
class Strided {
 public:
  ATHERIA_LANES_INLINE Strided(T* first, std::int64_t) : first_(first) {}
  ATHERIA_LANES_INLINE T* operator[](int n) const { return first_ + n * Stride; }

 private:
  T* first_;
};

// Any number: a base and one of three offsets.
template <class T>
class Strided<T, 0> {
 public:
  ATHERIA_LANES_INLINE Strided(T* first, std::int64_t stride)
      : quarters_{first, first + 4 * stride, first + 8 * stride, first + 12 * stride},
        offsets_{0, stride, 2 * stride, 3 * stride} {}
  ATHERIA_LANES_INLINE T* operator[](int n) const { return quarters_[n / 4] + offsets_[n % 4]; }

 private:
  T* quarters_[4];
  std::int64_t offsets_[4];
};

// X[k] = emit(k) from x[n] = take(n), R of them, in registers.
template <int R, class T, class Take, class Emit>
ATHERIA_LANES_INLINE void transform(const Take& take, const Emit& emit) {
  if constexpr (R == 16) {
    Number<T> y[16];
    dft16_first<T>(y, [&](int n, Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] = take(n + 4 * i);
    });
    dft16_second<T>(y, [&](int k, const Number<T>* x) {
      ATHERIA_UNROLL for (int i = 0; i < 4; ++i) emit(k + 4 * i, x[i]);
    });
  } else {
    Number<T> z[R];
    ATHERIA_UNROLL for (int n = 0; n < R; ++n) z[n] = take(n);
    dft_small<R, T>(z);
    ATHERIA_UNROLL for (int k = 0; k < R; ++k) emit(k, z[k]);
  }
}

template <int K, class T, class Change>
ATHERIA_LANES_INLINE void turn_round(Number<T>* y, Number<T>* back, const Change& change) {
  dft16_tail<K, T>(y);
  ATHERIA_UNROLL for (int i = 0; i < 4; ++i) y[i] = swapped(change(K + 4 * i, y[i]));
  dft4(y[0], y[1], y[2], y[3]);
  ATHERIA_UNROLL for (int k = 0; k < 4; ++k) back[4 * k + K] = y[k];
}

// A transform of 16, change(k, z) for each result, and the inverse; take and put by fours, as
// dft16_first and dft16_second have it.
template <class T, class Take, class Change, class Put>
ATHERIA_LANES_INLINE void there_and_back16(const Take& take, const Change& change, const Put& put) {
  Number<T> y[16], back[16];
  dft16_first<T>(y, take);
  turn_round<0, T>(y, back, change);
  turn_round<1, T>(y + 4, back, change);
  turn_round<2, T>(y + 8, back, change);
  turn_round<3, T>(y + 12, back, change);
  dft16_second<T>(back, [&](int k, Number<T>* x) {
    ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] = swapped(x[i]);
    put(k, x);
  });
}

}  // namespace atheria::cpu::ATHERIA_ISA
