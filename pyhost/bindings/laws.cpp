#include "engine/law/laws.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "app/protocol/law_spec.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/law_serve.h"
#include "pyhost/bindings/module.h"
#include "pyhost/bindings/python_law.h"

namespace atheria::pyhost {

namespace py = pybind11;

namespace {

// Numbers within the channels' ranges, no two alike; without anybody's random numbers.
at::Tensor sample(const LawInfo& info, std::vector<std::int64_t> shape, at::ScalarType type) {
  shape.insert(shape.begin(), static_cast<std::int64_t>(info.channels.size()));
  auto numbers = at::empty(shape, at::kDouble);
  for (std::size_t i = 0; i < info.channels.size(); ++i) {
    const auto plane = numbers[static_cast<std::int64_t>(i)];
    const auto part = at::arange(plane.numel(), at::kDouble).mul(0.6180339887).frac();
    const auto& channel = info.channels[i];
    plane.copy_(part.mul(channel.hi - channel.lo).add(channel.lo).view_as(plane));
  }
  return numbers.to(type);
}

// One step on two grids of different sizes, before anybody can make a world of it.
void try_out(const LawInfo& info, PyObject* step) {
  const auto params = Params(info.params, {}).map();
  for (const auto dtype : info.dtypes)
    for (const int dimension : info.dimensions)
      for (const std::int64_t side : {12, 20}) {
        const bool is_3d = dimension == 3;
        const auto psi = sample(info, {is_3d ? 8 : 1, side, side + 4},
                                dtype == Dtype::f64 ? at::kDouble : at::kFloat);
        const auto next = run_step(step, psi, 0, params, is_3d);
        if (!next.isfinite().all().item<bool>())
          throw Error(ErrorKind::bad_args, "returned NaN or infinite numbers", "step");
      }
}

void register_law(const std::string& text, const py::object& step) {
  auto spec = wire::law_spec_of(text, "Written in Python: slow.");
  if (PyCallable_Check(step.ptr()) == 0)
    throw Error(ErrorKind::bad_args, "step is a function of (psi, t, params)", "step");
  try {
    try_out(spec.info, step.ptr());
  } catch (const Error& error) {
    throw Error(error.kind(),
                fmt::format("the step of law '{}', tried on a small field: it {}", spec.info.name,
                            error.what()),
                error.path());
  }
  // Laws live as long as the process, and so does the function.
  auto law = std::make_unique<PythonLaw>(std::move(spec.info), step.inc_ref().ptr(), spec.budget);
  unlocked([&] { add_law(std::move(law)); });
}

}  // namespace

void bind_laws(py::module_& module) {
  module.def("register_law", register_law, py::arg("spec"), py::arg("step"),
             "Adds a law: JSON that describes it, and step(psi, t, params) -> the next psi, "
             "[c,h,w] or [c,d,h,w]. It is "
             "called on the thread that runs serve_laws().");
  module.def(
      "serve_laws", [] { serve_laws(); },
      "Runs the steps of laws written in Python, on a thread of its own. Does not return.");
}

}  // namespace atheria::pyhost
