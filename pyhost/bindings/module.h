#pragma once

#include <pybind11/pybind11.h>

#include <string>

namespace atheria::pyhost {

// Puts all of the bindings into a module: `_atheria` in the server ("server"), `atheria_core` in
// plain Python ("core").
void bind(pybind11::module_& module, const std::string& where);

// The parts of it, one a file.
void bind_requests(pybind11::module_& module);
void bind_fields(pybind11::module_& module);
void bind_leases(pybind11::module_& module);
void bind_observers(pybind11::module_& module);
void bind_hooks(pybind11::module_& module);
void bind_laws(pybind11::module_& module);
void bind_streams(pybind11::module_& module);

}  // namespace atheria::pyhost
