#pragma once

#include <cstdint>

// What the kernels of laws with a 5-point (2-D) or 7-point (3-D) laplacian and two channels are
// given to do. Read by the sources that are compiled for one instruction set: no inline functions
// here.
//
// A step is one stage or two. A stage computes a cell from the cell and its neighbours as the stage
// before left them; a second stage also sees the cell as it was before the step. The stages of
// several steps, counted on, are the levels of a wavefront (engine/law/wavefront.h).
namespace atheria::cpu {

constexpr int kStencilChannels = 2;
constexpr int kStencilVector = 16;  // a multiple of the lanes of every vector

// A plane of depth x height rows of width cells, contiguous. depth 1 is two-dimensional.
struct Shape {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t depth = 1;
};

// Two rows of a 2-D field go up by one level. Pointers are [channel][row].
//
// Rows that are read are padded: the cell before the first and the one after the last hold their
// neighbours, and whole vectors may be read beyond. Or they are bare, as in a field: then width is a
// multiple of kStencilVector, and they close on themselves.
template <class T>
struct FlatWork {
  const T* from[kStencilChannels][4];  // the row above, the two rows, the row below
  const T* old[kStencilChannels][2];   // the two rows before the step; for second stages only
  T* to[kStencilChannels][2];
  std::int64_t width;
  bool bare;
  bool close;      // rows of `to` get the cells before and after them, as they lie on the torus
  const T* ahead;  // as much as a row, to be fetched into the cache meanwhile
};

// The same for rows of one layer of a 3-D field, from three layers. Pointers are to the first of
// `rows`.
template <class T>
struct DeepWork {
  const T* from[kStencilChannels][5];  // the row itself, above, below, in the layers before, after
  const T* old[kStencilChannels];
  T* to[kStencilChannels];
  std::int64_t width;
  std::int64_t rows;
  std::int64_t pitch;     // from a row to the one below it, in `from` and `old`
  std::int64_t to_pitch;  // the same in `to`
  bool bare;
  bool close;
  const T* ahead;
  std::int64_t ahead_pitch;
};

// The loops of one law and instruction set. stage is 0, or 1 for a law with two.
template <class Law>
struct StencilKernels {
  using T = typename Law::Number;
  void (*flat)(const Law& law, int stage, const FlatWork<T>& work) = nullptr;
  void (*deep)(const Law& law, int stage, const DeepWork<T>& work) = nullptr;
};

}  // namespace atheria::cpu
