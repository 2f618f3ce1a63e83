#pragma once

#include <cstdint>

// What the Fourier kernels share with those who plan for them (fft_plan.h): plain data without
// functions, so that sources compiled for one instruction set may include it.
//
// A transform works on vectors of 16 complex numbers, one transform a lane: 16 real parts, then 16
// imaginary parts. It goes in place, in passes: the first takes vectors length / radix apart, the
// next does the same inside each of the `radix` parts, and so on. Nothing is put in order: position
// p of the result holds frequency FftPlan::frequency(p), and the inverse starts from there.
namespace atheria::cpu {

inline constexpr int kFftLanes = 16;
inline constexpr int kFftVector = 2 * kFftLanes;  // numbers in a vector
inline constexpr int kMostFftPasses = 16;

template <class T>
struct FftPass {
  int radix;           // 2, 3, 4, 5, 8 or 16
  std::int64_t below;  // length of each part
  const T* turns;  // [below][radix] complex: exp(-2 pi i j k / (radix below)), place j of part k
};

template <class T>
struct FftAxis {
  std::int64_t length;
  std::int64_t leaf;  // radix of the last pass: so many neighbours are a block
  int count;
  FftPass<T> passes[kMostFftPasses];
};

// Where the vectors of one transform lie: `step` numbers from one to the next inside a block, `leap`
// from block to block.
template <class T>
struct FftLine {
  T* first;
  std::int64_t step;
  std::int64_t leap;
};

// Of lines of neighbouring vectors whose blocks have 16: one is left out after each, as strides that
// are powers of two would meet in few places of the cache.
inline constexpr int kFftLeap = 17 * kFftVector;

// A transform along rows, 16 neighbours of a row in the lanes of each of its width / 16 vectors:
// first along the vectors, then across their lanes, 16 vectors (a group) at a time. Where a row has
// less than 16 vectors or a part of 16 is left, several rows make up whole groups.
template <class T>
struct FftRows {
  FftAxis<T> axis;    // along the vectors
  std::int64_t rows;  // that are done together: 1, 2, 4, 8 or 16
  const T* turns;     // [position] vectors: exp(-2 pi i lane frequency / width)
};

}  // namespace atheria::cpu
