#include "pyhost/bindings/python_law.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "engine/base/error.h"
#include "pyhost/bindings/law_calls.h"

namespace atheria::pyhost {

StepFunction PythonLaw::reference(const Setup& setup) const {
  if (!setup.device.is_cpu())
    throw Error(ErrorKind::unsupported,
                fmt::format("law '{}' is written in Python and runs on the CPU", info_.name),
                "device");
  return [step = step_, budget = budget_, params = setup.params.map(), is_3d = setup.grid.is_3d()](
             const at::Tensor& psi, std::uint64_t t) {
    const auto call = std::make_shared<LawCall>();
    call->step = step;
    call->psi = psi.clone(at::MemoryFormat::Contiguous);
    call->t = t;
    call->params = params;
    call->is_3d = is_3d;
    return LawCalls::all().ask(call, budget);
  };
}

std::vector<double> PythonLaw::measure(const at::Tensor& dense, const Setup&) const {
  std::vector<double> means;
  for (const auto& channel : dense.to(at::kDouble).unbind(0))
    means.push_back(channel.mean().item<double>());
  return means;
}

}  // namespace atheria::pyhost
