#pragma once

#include "engine/kernels/cpu/stencil.h"

namespace atheria::cpu {

// The numbers of a Heun step of the complex Ginzburg-Landau equation, channels re and im; see
// engine/law/ginzburg_landau.h. T is float or double.
template <class T>
struct GinzburgLandau {
  using Number = T;
  static constexpr int kStages = 2;  // predict, correct

  T b, c, dt, per_area;  // per_area = 1 / dx^2
};

}  // namespace atheria::cpu
