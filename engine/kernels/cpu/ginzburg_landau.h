#pragma once

#include "engine/kernels/cpu/stencil.h"

namespace atheria::cpu {

// One Heun step of the complex Ginzburg-Landau equation; see engine/law/ginzburg_landau.h. T is
// float or double.
template <class T>
struct GinzburgLandau {
  static constexpr int kPasses =
      2;  // predictor into the scratch field, corrector back into the state
  static constexpr bool kPingPong = false;
  static constexpr bool kScratch = true;

  Shape shape;
  T b, c, dt, per_area;  // per_area = 1 / dx^2

  // Rows [begin, end) of both planes, re then im. Any thread; rows are independent.
  void pass(int index, T* predicted, T* field, std::int64_t begin, std::int64_t end) const;
};

}  // namespace atheria::cpu
