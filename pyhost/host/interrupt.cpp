#include "pyhost/host/interrupt.h"

#include <pybind11/pybind11.h>
#include <structmember.h>

#include <csignal>
#include <mutex>

#include "engine/base/clock.h"
#include "pyhost/bindings/errors.h"

namespace atheria::pyhost {
namespace {

namespace py = pybind11;

enum Stage { kNone, kStop, kKill };

// One interpreter, one main thread, one foreground slot: so this is one for the process.
struct State {
  pthread_t thread{};
  std::atomic<bool> installed{false};
  std::atomic<bool> open{false};
  std::atomic<int> stage{kNone};
  std::atomic<bool> raised{false};  // stage 1 has been
  std::mutex mutex;    // Nothing is waited for under it: it may be held together with the GIL.
  std::string what;    // Guarded by mutex: empty while the gate is closed.
  std::string reason;  // Guarded by mutex.
  std::string hit;     // Guarded by mutex: where stage 1 was raised last.
};
State state;

constexpr std::uint64_t kCellGraceUs = 3'000'000;

// The reason, for what runs now; notes that it was told.
std::string hit() {
  const std::lock_guard lock(state.mutex);
  state.hit = state.what;
  return state.reason;
}

// Python calls these between two bytecodes on its main thread. They are C functions because a
// handler written in Python would be interrupted itself.
PyObject* on_stop(PyObject*, PyObject* const*, std::size_t, PyObject*) {
  if (!state.open || state.stage != kStop || state.raised.exchange(true)) Py_RETURN_NONE;
  raise_cancelled(hit());
  return nullptr;
}

// Raising at every check loses against `while True: try ... except BaseException` for ever on
// Python 3.12, where the jump back belongs to the try; raising at a random half escapes soon.
PyObject* on_kill(PyObject*, PyObject* const*, std::size_t, PyObject*) {
  if (!state.open || state.stage != kKill) Py_RETURN_NONE;
  PyErr_SetInterruptEx(signals().kill);  // again at the next check
  static std::uint32_t random = 0x9E3779B9U;
  random ^= random << 13;
  random ^= random >> 17;
  random ^= random << 5;
  if ((random & 1) == 0) Py_RETURN_NONE;
  PyErr_SetString(killed_type(), "the script did not end when it was asked to");
  return nullptr;
}

// A callable of a type of our own: calling a built-in function first checks for recursion, and at
// the limit, where a script that swallows RecursionError may live, it would never be called.
struct Handler {
  PyObject_HEAD vectorcallfunc call;
};

PyObject* handler_type() {
  static PyMemberDef members[] = {
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(Handler, call), READONLY, nullptr},
      {nullptr, 0, 0, 0, nullptr}};
  static PyType_Slot slots[] = {{Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                                {Py_tp_members, members},
                                {0, nullptr}};
  static PyType_Spec spec = {"_atheria.Handler", sizeof(Handler), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL, slots};
  return PyType_FromSpec(&spec);
}

py::object make_handler(const py::object& type, vectorcallfunc call) {
  auto handler = py::reinterpret_steal<py::object>(
      PyType_GenericAlloc(reinterpret_cast<PyTypeObject*>(type.ptr()), 0));
  if (!handler) throw py::error_already_set();
  reinterpret_cast<Handler*>(handler.ptr())->call = call;
  return handler;
}

void send(int signal) {
  if (state.installed) pthread_kill(state.thread, signal);
}

}  // namespace

Signals signals() { return {SIGRTMIN + 4, SIGRTMIN + 5, SIGRTMIN + 6}; }

void Interrupt::install() {
  const py::object install = py::module_::import("signal").attr("signal");
  const auto type = py::reinterpret_steal<py::object>(handler_type());
  if (!type) throw py::error_already_set();
  install(signals().stop, make_handler(type, on_stop));
  install(signals().kill, make_handler(type, on_kill));
  state.thread = pthread_self();
  state.installed = true;
}

void Interrupt::open(const std::string& what) {
  const std::lock_guard lock(state.mutex);
  state.what = what;
  state.stage = kNone;
  state.raised = false;
  state.open = true;
}

bool Interrupt::close() {
  bool raised = false;
  {
    const std::lock_guard lock(state.mutex);
    raised = state.raised;
    state.what.clear();
    state.open = false;
    state.stage = kNone;
  }
  while (PyErr_CheckSignals() < 0) PyErr_Clear();
  return raised;
}

bool Interrupt::is_open() { return state.open; }

bool Interrupt::was_raised(const std::string& what) {
  const std::lock_guard lock(state.mutex);
  return state.hit == what;
}

void Interrupt::stop(const std::string& what, const std::string& why) {
  const std::lock_guard lock(state.mutex);
  if (state.what != what || state.stage == kKill) return;
  state.reason = why;
  state.raised = false;
  state.stage = kStop;
  send(signals().stop);
}

void Interrupt::remind(const std::string& what) {
  const std::lock_guard lock(state.mutex);
  if (state.what == what && state.stage == kStop && !state.raised) send(signals().stop);
}

void Interrupt::kill(const std::string& what) {
  const std::lock_guard lock(state.mutex);
  if (state.what != what) return;
  state.stage = kKill;
  send(signals().kill);
}

std::string Interrupt::what() {
  const std::lock_guard lock(state.mutex);
  return state.what;
}

void Interrupt::end_cell(const std::string& reason, std::uint64_t since_us) {
  const std::string cell = what();
  if (!cell.starts_with("notebook")) return;
  if (now_us() < since_us + kCellGraceUs)
    stop(cell, reason);
  else
    kill(cell);
}

}  // namespace atheria::pyhost
