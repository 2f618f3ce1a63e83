#pragma once

#include <pybind11/pybind11.h>
#include <torch/types.h>

// Tensors across the border. A tensor that Python has seen keeps its PyObject, and whoever drops
// the last reference to it takes the GIL: so nothing the engine holds is ever wrapped.
namespace atheria::pyhost {

// A new Python tensor. The caller gives it away: `tensor` must be the only reference.
pybind11::object to_python(at::Tensor&& tensor);

// Python's tensor; throws Error (bad_args) naming `what` when it is none.
at::Tensor from_python(const pybind11::handle& object, const char* what);

}  // namespace atheria::pyhost
