#include "engine/law/split_step.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "engine/law/potential.h"
#include "engine/law/spectral.h"

namespace atheria {

SplitStep::SplitStep(const Setup& setup)
    : grid_(setup.grid), g_(setup.params.number("g")), half_(setup.params.number("dt") / 2) {
  const auto real = setup.dtype == Dtype::f64 ? at::kDouble : at::kFloat;
  const auto place = [&](const at::Tensor& tensor, at::ScalarType type) {
    return tensor.to(setup.device, type).contiguous();
  };
  const double dx = setup.params.number("dx");
  const auto energy = wave_number_squared(setup.grid) / (2 * setup.params.number("mass") * dx * dx);
  kinetic_ = place(unit_phase(-2 * half_ * energy), complex_type(setup.dtype));
  const auto v = potential(setup);
  if (!v.defined()) return;
  potential_ = place(v, real);
  if (g_ == 0) half_phase_ = place(unit_phase(-half_ * v), complex_type(setup.dtype));
}

at::Tensor SplitStep::potential_phase(const at::Tensor& psi) const {
  if (g_ == 0) return half_phase_;
  const auto re = at::real(psi);
  const auto im = at::imag(psi);
  auto energy = g_ * (re * re + im * im);
  if (potential_.defined()) energy += potential_;
  energy *= -half_;
  return at::complex(at::cos(energy), at::sin(energy));
}

at::Tensor SplitStep::operator()(const at::Tensor& psi) const {
  const auto start = still() ? psi : psi * potential_phase(psi);
  const auto moved = inverse(forward(start, grid_).mul_(kinetic_), grid_);
  return still() ? moved : moved * potential_phase(moved);
}

namespace {

class SplitStepper final : public Stepper {
 public:
  explicit SplitStepper(const Setup& setup) : step_(setup) {}

  // Temporaries come from the process's caching allocator: no system calls after the first step.
  void advance(Field& field, std::uint64_t, std::uint32_t k,
               StepContext& context) noexcept override {
    try {
      const c10::InferenceMode guard;
      auto& planes = field.planes();
      auto psi = to_complex(planes);
      for (std::uint32_t i = 0; i < k; ++i) psi = step_(psi);
      planes[0].copy_(at::real(psi));
      planes[1].copy_(at::imag(psi));
    } catch (const std::exception& error) {
      context.failure = error.what();
    }
  }

 private:
  SplitStep step_;
};

}  // namespace

std::unique_ptr<Stepper> split_stepper(const Setup& setup) {
  return std::make_unique<SplitStepper>(setup);
}

}  // namespace atheria
