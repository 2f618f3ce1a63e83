#include "pyhost/bindings/errors.h"

#include <pybind11/eval.h>

#include "app/protocol/messages.h"
#include "pyhost/bindings/blocking.h"

namespace atheria::pyhost {

namespace py = pybind11;

namespace {

// Plain pointers that own a reference for ever: a static py::object would be destroyed after Python.
PyObject* the_error = nullptr;
PyObject* the_cancelled = nullptr;
PyObject* the_killed = nullptr;

constexpr const char* kTypes = R"(
class Error(Exception):
    """Something was refused: what was tried, what was found, what would do. `code` is a word of the wire's."""

    def __init__(self, message="", code="internal", path=""):
        super().__init__(message)
        self.code = code
        self.path = path

    def __reduce__(self):
        return type(self), (str(self), self.code, self.path)


class Cancelled(KeyboardInterrupt):
    """The job was asked to stop; `reason` says by whom or why. There is some time left to save work."""

    def __init__(self, reason=""):
        super().__init__(reason)
        self.reason = reason


class ScriptKilled(BaseException):
    """The job did not stop when asked to: it ends now."""
)";

PyObject* kept(const py::dict& types, const char* name, py::module_& module) {
  py::object type = types[name];
  type.attr("__module__") = module.attr("__name__");
  module.attr(name) = type;
  return type.release().ptr();
}

}  // namespace

void bind_errors(py::module_& module) {
  py::dict types;
  types["__name__"] = module.attr("__name__");
  py::exec(kTypes, types);
  the_error = kept(types, "Error", module);
  the_cancelled = kept(types, "Cancelled", module);
  the_killed = kept(types, "ScriptKilled", module);
  // In the server they are the package's own, and that is the name a traceback has for them.
  if (module.attr("__name__").cast<std::string>() == "_atheria")
    for (PyObject* const type : {the_cancelled, the_killed})
      py::handle(type).attr("__module__") = "atheria";
  py::register_local_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const Error& error) {
      try {
        raise(error);
      } catch (py::error_already_set& set) {
        set.restore();
      }
    }
  });
}

PyObject* error_type() { return the_error; }
PyObject* cancelled_type() { return the_cancelled; }
PyObject* killed_type() { return the_killed; }

py::str text(const std::string& bytes) {
  return py::reinterpret_steal<py::str>(
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace"));
}

void raise_cancelled(const std::string& reason) {
  PyErr_SetObject(the_cancelled, text(reason).ptr());  // becomes Cancelled(reason)
}

void raise(const std::string& code, const std::string& message, const std::string& path) {
  const auto error = py::reinterpret_borrow<py::object>(the_error)(text(message), code, text(path));
  PyErr_SetObject(the_error, error.ptr());
  throw py::error_already_set();
}

void raise(const Error& error) {
  raise(std::string(wire::code_of(error.kind())), error.what(), error.path());
}

void check_signals() {
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace atheria::pyhost
