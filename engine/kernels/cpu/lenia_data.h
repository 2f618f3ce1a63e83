#pragma once

#include "engine/kernels/cpu/fft.h"

namespace atheria::cpu {

// One kernel of Lenia: looks at a channel, feeds a channel.
template <class T>
struct LeniaKernel {
  int to;
  T mu;
  T sharpness;  // polynomial: 1 / (9 sigma^2); gaussian: -1 / (2 sigma^2 ln 2)
  T weight;
  T* modes;          // its part of the world's waves, in strips
  const T* factors;  // [group of rows][group][k] 16 numbers: its transform / (2 width height)
};

// The kernels that look at one channel.
template <class T>
struct LeniaChannel {
  int count;
  const LeniaKernel<T>* kernels;
  T* cells;   // in strips
  T* totals;  // of growth, in strips; null where one kernel feeds one channel
};

// Two rows of mirror-image waves, k and height/2 - k, and what turns one half of them.
template <class T>
struct MirrorPair {
  std::int64_t one, other;  // numbers from the first vector of a strip
  T re, im;                 // -i exp(-2 pi i k / height)
};

// All that a step of Lenia needs on a torus of width x height cells, width a multiple of 16 above
// 16, height even and at least 4. See engine/law/lenia_native.h.
//
// Cells lie in strips of 16 columns. Two rows of a strip, 2 y and 2 y + 1, are the real and the
// imaginary parts of a vector (fft.h), and a transform of half the height does for both. The waves
// of a strip are a vector for each ky = 0 to height / 2, in the order of that transform, the last
// one at its end.
template <class T>
struct Lenia {
  std::int64_t width;
  std::int64_t height;
  T* field;            // planes, set anew for each call
  std::int64_t strip;  // numbers from a strip to the next
  std::int64_t leap;   // numbers from a block of vectors to the next, columns.leaf vectors each
  FftRows<T> rows;
  FftAxis<T> columns;  // half the height
  int channel_count;
  const LeniaChannel<T>* channels;
  std::int64_t pair_count;
  const MirrorPair<T>* pairs;
  T* work;        // the first kernel's modes, which are gone when its growth is known
  bool gaussian;  // the shape of growth
  T dt;
};

// The passes of a step for one instruction set. Rows and strips are independent: any thread.
template <class T>
struct LeniaKernels {
  // Strips [begin, end): fetches the cells from the field and goes forward along y.
  void (*begin)(const Lenia<T>& world, std::int64_t begin, std::int64_t end);

  // Groups of rows [begin, end), FftRows::rows each of height / 2 + 1: along x, every kernel, back.
  void (*rows)(const Lenia<T>& world, std::int64_t begin, std::int64_t end);

  // Strips: back along y, growth, and forward again for the next step; or, in the last step of a
  // call, into the field.
  void (*columns)(const Lenia<T>& world, bool last, std::int64_t begin, std::int64_t end);
};

}  // namespace atheria::cpu
