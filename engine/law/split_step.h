#pragma once

#include <torch/types.h>

#include <memory>

#include "engine/law/law.h"

namespace atheria {

// One step of the (nonlinear) Schroedinger equation by Strang's splitting; see schrodinger.h. Holds
// the phases, made once in double. Copies share them.
class SplitStep {
 public:
  explicit SplitStep(const Setup& setup);

  // psi: complex [depth, height, width]. A new tensor.
  at::Tensor operator()(const at::Tensor& psi) const;

 private:
  at::Tensor potential_phase(const at::Tensor& psi) const;  // exp(-i dt/2 (V + g |psi|^2))
  bool still() const { return g_ == 0 && !potential_.defined(); }

  GridSpec grid_;
  double g_;
  double half_;            // dt / 2
  at::Tensor potential_;   // V, real; undefined: none
  at::Tensor half_phase_;  // exp(-i dt/2 V), complex; only for g = 0
  at::Tensor kinetic_;     // exp(-i dt k^2 / 2 mass), complex
};

// Keeps psi complex through the k steps of a call.
std::unique_ptr<Stepper> split_stepper(const Setup& setup);

}  // namespace atheria
