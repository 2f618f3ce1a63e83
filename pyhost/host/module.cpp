#include "pyhost/host/module.h"

#include <pybind11/embed.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <csignal>

#include "engine/base/log.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/module.h"
#include "pyhost/host/interrupt.h"
#include "pyhost/host/kernel_door.h"
#include "pyhost/jobs/board.h"

// `_atheria`: the bindings, and in `_atheria.host` what the package's own loop on pymain needs. All of
// these run on Python threads; whatever can wait does so without the GIL: the board has a lock, and its
// listeners are the server's.
namespace atheria::pyhost {
namespace {

namespace py = pybind11;
using jobs::Board;

Board* board = nullptr;
KernelDoor* kernels = nullptr;

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(1000 * std::clamp(seconds, 0.0, 3600.0)));
}

py::dict script_dict(const Board::Work& work) {
  using namespace py::literals;
  const ScriptSpec& spec = work.spec;
  return py::dict("kind"_a = "script", "job"_a = work.job, "name"_a = spec.name,
                  "source"_a = spec.source, "path"_a = spec.path, "argv"_a = spec.argv,
                  "cwd"_a = spec.cwd, "world"_a = spec.world, "owner"_a = spec.owner,
                  "keep_torch_state"_a = spec.keep_torch_state,
                  "pause_engine"_a = spec.pause_engine, "has_stdin"_a = spec.has_stdin);
}

py::object next(double timeout) {
  using namespace py::literals;
  const auto work = unlocked([&] { return board->next(milliseconds(timeout)); });
  if (!work) return py::none();
  switch (work->kind) {
    case Board::Work::Kind::script:
      return script_dict(*work);
    case Board::Work::Kind::task:
      return py::module_::import("json").attr("loads")(work->task);
    case Board::Work::Kind::stop:
      break;
  }
  return py::dict("kind"_a = "stop");
}

// The gate is opened and closed here and not in Python: a stop that comes between two bytecodes of a
// `finally` would be lost or hit the wrong one.
py::tuple guarded(const std::string& job, const py::object& call) {
  Interrupt::open(job);
  // One that came before the gate was open.
  const auto reason = unlocked([&] { return board->stop_reason(job); });
  if (reason && !Interrupt::was_raised(job)) Interrupt::stop(job, *reason);
  py::object result = py::reinterpret_steal<py::object>(PyObject_CallNoArgs(call.ptr()));
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  if (!result) PyErr_Fetch(&type, &value, &trace);
  Interrupt::close();
  if (result) return py::make_tuple(result, py::none());
  PyErr_NormalizeException(&type, &value, &trace);
  if (trace != nullptr) PyException_SetTraceback(value, trace);
  const auto own = [](PyObject* object) {
    return object != nullptr ? py::reinterpret_steal<py::object>(object) : py::object(py::none());
  };
  return py::make_tuple(py::none(), py::make_tuple(own(type), own(value), own(trace)));
}

void write(const std::optional<std::string>& job, const std::string& stream, const py::str& text) {
  // Lone surrogates are no UTF-8; they are shown, not refused.
  const std::string bytes = py::bytes(text.attr("encode")("utf-8", "replace"));
  unlocked([&] {
    if (job)
      board->write(*job, stream, bytes);
    else
      log::info("python: " + jobs::clean_utf8(bytes));
  });
}

std::string read_line(const std::string& job, const std::string& prompt, bool password) {
  for (;;) {
    const auto line = unlocked([&] { return board->read_line(job, prompt, password, kSlice); });
    check_signals();
    if (!line.ready) continue;
    if (line.text) return *line.text;
    PyErr_SetString(PyExc_EOFError,
                    "nobody answers input() here: start it with ath run from a terminal or a pipe");
    throw py::error_already_set();
  }
}

template <class T>
T at(const py::dict& dict, const char* key, T otherwise) {
  if (!dict.contains(key) || dict[key].is_none()) return otherwise;
  return dict[key].template cast<T>();
}

std::optional<ScriptFailure> failure_of(const py::dict& report) {
  if (!report.contains("failure") || report["failure"].is_none()) return std::nullopt;
  const auto from = report["failure"].cast<py::dict>();
  ScriptFailure failure{at<std::string>(from, "type", ""),
                        at<std::string>(from, "message", ""),
                        at<std::string>(from, "text", ""),
                        {}};
  for (const auto& item : at<py::list>(from, "frames", py::list())) {
    const auto frame = item.cast<py::dict>();
    failure.frames.push_back({at<std::string>(frame, "file", ""), at<int>(frame, "line", 0),
                              at<std::string>(frame, "function", "")});
  }
  return failure;
}

// What the process does on signals, as the system has it: Python's own list does not know what native
// code has set, and a script may bring such code.
class Dispositions {
 public:
  void save() {
    for (int signal = 1; signal < kSignals; ++signal) sigaction(signal, nullptr, &saved_[signal]);
  }
  void put_back() {
    for (int signal = 1; signal < kSignals; ++signal)
      if (signal != SIGKILL && signal != SIGSTOP) sigaction(signal, &saved_[signal], nullptr);
  }

 private:
  static constexpr int kSignals = 32;  // the real-time ones are Python's own and the host's
  struct sigaction saved_[kSignals] = {};
};

Dispositions& dispositions() {
  static Dispositions one;  // pymain alone asks
  return one;
}

void done(const std::string& job, const py::dict& from) {
  jobs::JobReport report{at<std::string>(from, "outcome", "ok"), at<int>(from, "exit_code", 0),
                         failure_of(from), at<std::vector<std::string>>(from, "left_behind", {})};
  dispositions().put_back();
  unlocked([&] { board->done(job, report); });
}

py::dict job_info(const std::string& job) {
  using namespace py::literals;
  const ScriptStatus status = unlocked([&] { return board->status(job); });
  return py::dict("job"_a = status.job, "name"_a = status.name, "owner"_a = status.owner,
                  "state"_a = status.state, "outcome"_a = status.outcome, "stage"_a = status.stage,
                  "exit_code"_a = status.exit_code, "cpu_s"_a = status.cpu_s,
                  "wall_s"_a = status.wall_s, "progress"_a = status.progress);
}

std::vector<py::dict> jobs_now() {
  std::vector<std::string> names;
  unlocked([&] {
    for (const ScriptStatus& status : board->list()) names.push_back(status.job);
  });
  std::vector<py::dict> all;
  for (const std::string& name : names) all.push_back(job_info(name));
  return all;
}

void tell_log(const std::string& level, const std::string& text) {
  using log::Level;
  const Level as = level == "error"     ? Level::error
                   : level == "warning" ? Level::warning
                   : level == "debug"   ? Level::debug
                                        : Level::info;
  unlocked([&] { log::write(as, "python: " + jobs::clean_utf8(text)); });
}

void bind_jobs(py::module_& host) {
  host.def("next", next, py::arg("timeout"));
  host.def("wake_fd", [] { return board->wake_fd(); });
  host.def("guarded", guarded, py::arg("job"), py::arg("call"));
  host.def("open_gate", [](const std::string& what) { Interrupt::open(what); });
  host.def("close_gate", [] { return Interrupt::close(); });
  host.def("started", [](const std::string& job) {
    dispositions().save();
    return unlocked([&] { return board->started(job); });
  });
  host.def("write", write, py::arg("job"), py::arg("stream"), py::arg("text"));
  host.def("read_line", read_line, py::arg("job"), py::arg("prompt") = "",
           py::arg("password") = false);
  host.def("done", done, py::arg("job"), py::arg("report"));
  host.def("cancelled", [](const std::string& job) {
    return unlocked([&] { return board->stop_reason(job); });
  });
  host.def("extend_grace", [](const std::string& job, double seconds) {
    return unlocked([&] { return board->extend_grace(job, seconds); });
  });
  host.def("progress", [](const std::string& job, double fraction, const std::string& text) {
    unlocked([&] { board->progress(job, fraction, text); });
  });
  host.def("job_info", job_info);
  host.def("jobs", jobs_now);
  host.def("log", tell_log, py::arg("level"), py::arg("text"));
  host.attr("signals") = py::make_tuple(signals().stop, signals().kill, signals().dump);
}

void bind_kernels(py::module_& host) {
  host.def("kernel_opened", [](const std::string& file, const std::string& error) {
    unlocked([&] { kernels->opened(file, error); });
  });
  host.def("kernel_closed", [](const std::string& file, bool restarting) {
    unlocked([&] { kernels->closed(file, restarting); });
  });
  host.def("remind", [](const std::string& what) { unlocked([&] { Interrupt::remind(what); }); });
  host.def("interrupt", [](const std::string& what) {
    unlocked([&] { Interrupt::stop(what, "interrupted"); });
  });
}

}  // namespace

void set_host(Board* where, KernelDoor* door) {
  board = where;
  kernels = door;
}

PYBIND11_EMBEDDED_MODULE(_atheria, module) {
  bind(module, "server");
  py::module_ host =
      module.def_submodule("host", "What the host's own loop needs; not for scripts.");
  bind_jobs(host);
  bind_kernels(host);
}

}  // namespace atheria::pyhost
