#include "pyhost/bindings/tensors.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/python_variable.h>

#include "engine/base/error.h"

namespace atheria::pyhost {

pybind11::object to_python(at::Tensor&& tensor) {
  return pybind11::reinterpret_steal<pybind11::object>(THPVariable_Wrap(std::move(tensor)));
}

at::Tensor from_python(const pybind11::handle& object, const char* what) {
  if (!THPVariable_Check(object.ptr()))
    throw Error(ErrorKind::bad_args,
                fmt::format("{} is a torch.Tensor, got {}", what, Py_TYPE(object.ptr())->tp_name),
                what);
  return THPVariable_Unpack(object.ptr());
}

}  // namespace atheria::pyhost
