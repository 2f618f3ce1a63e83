#include "pyhost/bindings/law_serve.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pyhost/bindings/alias.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/gil.h"
#include "pyhost/bindings/law_calls.h"
#include "pyhost/bindings/tensors.h"

namespace atheria::pyhost {

namespace py = pybind11;

namespace {

void answer(LawCall& call) {
  at::Tensor next;
  std::string failure;
  try {
    next = run_step(call.step, call.psi, call.t, call.params, call.is_3d);
  } catch (py::error_already_set& error) {
    failure = fmt::format("raised {}", error.what());
  } catch (const std::exception& error) {
    failure = error.what();
  }
  unlocked([&] { call.answer(std::move(next), std::move(failure)); });
}

}  // namespace

void serve_laws() {
  for (;;)
    if (const auto call = LawCalls::all().take()) answer(*call);
}

namespace {

py::dict dict_of(const ParamMap& params) {
  py::dict dict;
  for (const auto& [name, value] : params) {
    if (const auto* number = std::get_if<double>(&value))
      dict[text(name)] = *number;
    else
      dict[text(name)] = text(std::get<std::string>(value));
  }
  return dict;
}

[[noreturn]] void broke(const std::string& how) { throw Error(ErrorKind::bad_args, how, "step"); }

}  // namespace

at::Tensor run_step(PyObject* step, const at::Tensor& psi, std::uint64_t t, const ParamMap& params,
                    bool is_3d) {
  auto seen = alias_of(psi);
  if (!is_3d) seen = seen.squeeze(1);
  const auto shape = seen.sizes().vec();
  const auto given = to_python(std::move(seen));
  const auto before = from_python(given, "psi")._version();
  const auto result = py::reinterpret_borrow<py::object>(step)(given, t, dict_of(params));
  if (from_python(given, "psi")._version() != before)
    broke("wrote into the field it was given; return a new tensor");
  const auto next = from_python(result, "what the step returns");
  if (next.sizes() != at::IntArrayRef(shape))
    broke(fmt::format("returned shape [{}] for a field of [{}]", fmt::join(next.sizes(), ", "),
                      fmt::join(shape, ", ")));
  if (next.scalar_type() != psi.scalar_type())
    broke(fmt::format("returned {} for a field of {}", c10::toString(next.scalar_type()),
                      c10::toString(psi.scalar_type())));
  if (!next.is_cpu()) broke("returned a tensor that is not on the CPU");
  auto copy = next.detach().clone(at::MemoryFormat::Contiguous);
  return is_3d ? copy : copy.unsqueeze(1);
}

}  // namespace atheria::pyhost
