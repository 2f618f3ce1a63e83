#pragma once

#include "engine/kernels/cpu/stencil.h"

namespace atheria::cpu {

// One Gray-Scott step; the equation is in engine/law/gray_scott.h. T is float or double.
template <class T>
struct GrayScott {
  static constexpr int kPasses = 1;
  static constexpr bool kPingPong = true;  // writes another field than it reads
  static constexpr bool kScratch = false;

  Shape shape;
  T feed, kill_and_feed, diffusion_u, diffusion_v, dt;

  // Rows [begin, end) of both planes, u then v. Any thread; rows are independent.
  void pass(int, const T* from, T* to, std::int64_t begin, std::int64_t end) const;
};

}  // namespace atheria::cpu
