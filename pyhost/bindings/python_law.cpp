#include "pyhost/bindings/python_law.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "engine/base/error.h"
#include "pyhost/bindings/law_calls.h"

namespace atheria::pyhost {
namespace {

void check_device(const LawInfo& law, const Setup& setup) {
  if (setup.device.is_cpu()) return;
  throw Error(ErrorKind::unsupported,
              fmt::format("law '{}' is written in Python and runs on the CPU", law.name), "device");
}

std::shared_ptr<LawCall> call_of(PyObject* step, const at::Tensor& psi, std::uint64_t t,
                                 const Setup& setup) {
  auto call = std::make_shared<LawCall>();
  call->step = step;
  call->psi = psi.clone(at::MemoryFormat::Contiguous);
  call->t = t;
  call->params = setup.params.map();
  call->is_3d = setup.grid.is_3d();
  return call;
}

// The field is written when all steps are there: one that is given up leaves it as it was.
class PythonStepper final : public Stepper {
 public:
  PythonStepper(Setup setup, PyObject* step, std::chrono::milliseconds budget)
      : setup_(std::move(setup)), step_(step), budget_(budget) {}

  void advance(Field& field, std::uint64_t t0, std::uint32_t k,
               StepContext& context) noexcept override {
    try {
      const at::NoGradGuard no_grad;
      auto psi = field.dense();
      for (std::uint32_t i = 0; i < k; ++i) psi = next(psi, t0 + i, context);
      field.set_dense(psi);
    } catch (const std::exception& error) {
      context.failure = error.what();
    }
  }

  std::string how() const override { return "Python, one step at a time"; }

 private:
  at::Tensor next(const at::Tensor& psi, std::uint64_t t, const StepContext& context) const {
    if (context.goes_on && !context.goes_on())
      throw Error(ErrorKind::cancelled, "was given up before it began");
    return LawCalls::all().ask(call_of(step_, psi, t, setup_), budget_, context.goes_on);
  }

  const Setup setup_;
  PyObject* const step_;
  const std::chrono::milliseconds budget_;
};

}  // namespace

std::unique_ptr<Stepper> PythonLaw::native(const Setup& setup) const {
  check_device(info_, setup);
  return std::make_unique<PythonStepper>(setup, step_, budget_);
}

StepFunction PythonLaw::reference(const Setup& setup) const {
  check_device(info_, setup);
  return [step = step_, budget = budget_, setup](const at::Tensor& psi, std::uint64_t t) {
    return LawCalls::all().ask(call_of(step, psi, t, setup), budget, {});
  };
}

std::vector<double> PythonLaw::measure(const at::Tensor& dense, const Setup&) const {
  std::vector<double> means;
  for (const auto& channel : dense.to(at::kDouble).unbind(0))
    means.push_back(channel.mean().item<double>());
  return means;
}

}  // namespace atheria::pyhost
