#pragma once

#include "engine/kernels/cpu/fft.h"

namespace atheria::cpu {

enum class PhaseKind {
  none,       // nothing to turn
  fixed,      // by a table
  nonlinear,  // by an angle that depends on |psi|^2
};

// All that a step of the (nonlinear) Schroedinger equation needs on a torus of width x height cells,
// width a multiple of 16 and more than 16. See engine/law/split_step_native.h.
//
// Between passes the wave lies in strips of 16 columns, a vector (fft.h) for each row. Tables have
// the same order: `potential` is made of vectors (fixed: exp(-i dt/2 V) - 1) or of 16 angles for each
// (nonlinear: -dt/2 V in sixteenths of a turn). Phases are kept less 1 (see turned() in
// fft_codelets.h): in float, lengths off by 3e-8 would show in the norm after some thousand steps.
template <class T>
struct SplitStep {
  std::int64_t width;
  std::int64_t height;
  T* re;  // the field, set anew for each call
  T* im;
  T* strips;
  std::int64_t strip;  // numbers from a strip to the next
  std::int64_t leap;   // numbers from a block of rows to the next, columns.leaf rows each
  FftRows<T> rows;     // that take 1 / (width height) with them
  FftAxis<T> columns;
  const T* row_factors;     // [group][16] vectors: exp(-i dt kx^2 / 2 mass) - 1
  const T* column_factors;  // [position] complex: exp(-i dt ky^2 / 2 mass) - 1
  PhaseKind kind;
  const T* potential;
  T interaction;  // -dt/2 g in sixteenths of a turn
};

// The passes of a step for one instruction set. Rows and strips are independent: any thread.
template <class T>
struct SplitStepKernels {
  // The motion along x of row groups [begin, end), FftRows::rows rows each. The first step of a call
  // fetches them from the field and turns them by the potential's half step.
  void (*rows)(const SplitStep<T>& world, bool first, std::int64_t begin, std::int64_t end);

  // The motion along y of strips [begin, end), 16 columns each, then the potential's half step; and
  // the next step's first half, or, in the last step of a call, into the field.
  void (*columns)(const SplitStep<T>& world, bool last, std::int64_t begin, std::int64_t end);
};

}  // namespace atheria::cpu
