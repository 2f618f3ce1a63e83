#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "engine/base/error.h"

// What Python sees when something goes wrong. With the GIL held, all of it.
namespace atheria::pyhost {

// Makes Error, Cancelled and ScriptKilled and puts them into the module. They live for ever.
void bind_errors(pybind11::module_& module);

// Borrowed.
PyObject* error_type();      // Error(Exception): str, .code, .path
PyObject* cancelled_type();  // Cancelled(KeyboardInterrupt): .reason
PyObject* killed_type();     // ScriptKilled(BaseException)

// Sets Cancelled(reason) as Python's error; throws nothing.
void raise_cancelled(const std::string& reason);

// Sets Error and throws it. `code` is a word of the wire, or "lease_expired".
[[noreturn]] void raise(const std::string& code, const std::string& message,
                        const std::string& path = {});
[[noreturn]] void raise(const Error& error);

// Text of the engine's as Python has it; bytes that are not UTF-8 are shown, not refused.
pybind11::str text(const std::string& bytes);

}  // namespace atheria::pyhost
