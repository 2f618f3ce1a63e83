#include "pyhost/host/interpreter.h"

#include <fmt/format.h>
#include <pybind11/embed.h>

#include <csignal>

#include "atheria_build.h"
#include "engine/base/error.h"
#include "pyhost/host/interrupt.h"
#include "pyhost/host/plugin.h"
#include "pyhost/load/mapped.h"

namespace atheria::pyhost {
namespace {

namespace py = pybind11;

void check(const PyStatus& status, const char* step) {
  if (!PyStatus_Exception(status)) return;
  throw Error(ErrorKind::internal,
              fmt::format("{}: {}", step, status.err_msg != nullptr ? status.err_msg : "failed"));
}

// An isolated configuration reads files as ASCII unless it is told otherwise before anything else.
void preinitialize() {
  PyPreConfig config;
  PyPreConfig_InitIsolatedConfig(&config);
  config.utf8_mode = 1;
  check(Py_PreInitialize(&config), "Python's first settings");
}

void initialize(const std::string& executable) {
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.install_signal_handlers = 0;  // SIGINT and SIGTERM are the server's
  config.parse_argv = 0;
  config.site_import = 1;
  const auto set = [&](wchar_t** field, const std::string& value) {
    check(PyConfig_SetBytesString(&config, field, value.c_str()), "Python's settings");
  };
  // Both, or sys.executable is whatever `python3` comes first on PATH and child processes are
  // started with that.
  set(&config.program_name, executable);
  set(&config.executable, executable);
  const PyStatus status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  check(status, "starting Python");
}

// The signals of the server as they are now, put back when a module has changed them.
class KeepSignals {
 public:
  KeepSignals() {
    for (std::size_t i = 0; i < std::size(kKept); ++i) sigaction(kKept[i], nullptr, &kept_[i]);
  }
  ~KeepSignals() {
    for (std::size_t i = 0; i < std::size(kKept); ++i) sigaction(kKept[i], &kept_[i], nullptr);
  }
  KeepSignals(const KeepSignals&) = delete;
  KeepSignals& operator=(const KeepSignals&) = delete;

 private:
  static constexpr int kKept[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGSEGV, SIGABRT};
  struct sigaction kept_[std::size(kKept)];
};

// One step of the start; what Python throws becomes one line of text.
template <class Step>
auto step(const char* what, Step run) {
  try {
    return run();
  } catch (py::error_already_set& error) {
    throw Error(ErrorKind::internal, fmt::format("{}: {}", what, error.what()));
  }
}

std::string import_torch() {
  const py::module_ torch = py::module_::import("torch");
  std::string version = py::str(torch.attr("__version__"));
  const std::string plain = version.substr(0, version.find('+'));
  const std::string built(build::kTorchVersion);
  if (plain != built.substr(0, built.find('+')))
    throw Error(fmt::format(
        "torch {} is there, this server was built with {}: ./ath build again, or install that one",
        version, built));
  for (const char* library : {"libtorch_cpu.so", "libc10.so"})
    if (const auto copies = mapped_files(library).size(); copies != 1)
      throw Error(
          fmt::format("{} copies of {} are in the process; there must be one", copies, library));
  return version;
}

}  // namespace

Started start_interpreter(const HostConfig& config) {
  const KeepSignals keep;
  preinitialize();
  initialize(config.executable);
  Started started;
  started.python = fmt::format("{}.{}.{}", PY_MAJOR_VERSION, PY_MINOR_VERSION, PY_MICRO_VERSION);
  // `signal` first: PyErr_SetInterruptEx crashes a process that never imported it.
  step("handlers for stopping scripts", [] { Interrupt::install(); });
  step("the search path",
       [&] { py::module_::import("sys").attr("path").attr("insert")(0, config.package); });
  started.torch = step("import torch", import_torch);
  return started;
}

}  // namespace atheria::pyhost
