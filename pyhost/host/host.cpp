#include <fmt/format.h>
#include <pthread.h>
#include <pybind11/embed.h>
#include <sys/mman.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <ctime>
#include <memory>
#include <mutex>
#include <thread>

#include "atheria_build.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/locks.h"
#include "engine/base/log.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/gil.h"
#include "pyhost/bindings/lease.h"
#include "pyhost/host/interpreter.h"
#include "pyhost/host/interrupt.h"
#include "pyhost/host/kernel_door.h"
#include "pyhost/host/module.h"
#include "pyhost/host/plugin.h"

// The plug-in: two threads. pymain initialises Python and runs the package's own loop (and so every
// script and cell); pywatch lets time pass for the board. No other C++ thread ever takes the GIL
// (pyhost/bindings/gil.h is where it is taken).
namespace atheria::pyhost {
namespace {

namespace py = pybind11;

constexpr std::chrono::milliseconds kStackTime{300};

class CPythonHost : public Host, public jobs::Executor {
 public:
  CPythonHost(HostConfig config, jobs::Board& board)
      : config_(std::move(config)), board_(board), stacks_(memfd_create("stacks", MFD_CLOEXEC)) {
    std::thread([this] { python(); }).detach();  // never ends: see below
    std::thread([this] { watch(); }).detach();
  }

  bool stop(std::chrono::milliseconds limit) override {
    // The board ends scripts; a cell is nobody's job.
    constexpr std::chrono::milliseconds kSlice{100};
    const auto since = now_us();
    bool ended = false;
    for (auto waited = kSlice; !ended && waited <= limit; waited += kSlice) {
      Interrupt::end_cell("the server is stopping", since - 2'000'000);
      Locked lock(mutex_);
      ended = changed_.wait_for(lock, kSlice, [this] { return ended_; });
    }
    if (ended) kernels_.reset();
    if (const auto away = turned_away(); away > 0)
      log::debug(fmt::format("{} threads wanted Python after its end", away));
    return ended;
  }

  void stop(const std::string& job, const std::string& reason) override {
    Interrupt::stop(job, reason);
  }
  void remind(const std::string& job) override { Interrupt::remind(job); }
  void kill(const std::string& job) override { Interrupt::kill(job); }
  void revoke(const std::string& job) override { revoke_leases(fmt::format("(job {})", job)); }
  std::string stacks() override;
  double cpu_seconds() override;

 private:
  void python();
  void run_python();
  void ready(const Started& started);
  void watch();
  void prepare_dump();
  void ask_for_stacks(pthread_t thread);
  std::string read_stacks();
  void open_kernel_door();

  const HostConfig config_;
  jobs::Board& board_;
  const int stacks_;  // a file in memory that the dump is written to
  std::unique_ptr<KernelDoor> kernels_;
  pthread_t thread_{};
  std::atomic<bool> running_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // Guarded by mutex_.
};

void CPythonHost::python() {
  pthread_setname_np(pthread_self(), "pymain");
  std::string failure;
  try {
    run_python();
  } catch (py::error_already_set& error) {
    failure = fmt::format("the package 'atheria' does not start: {}", error.what());
  } catch (const std::exception& error) {
    failure = error.what();
  }
  // Without the GIL from here on, for ever; what other Python threads do ends with the process.
  if (Py_IsInitialized() != 0 && PyGILState_Check() != 0) PyEval_SaveThread();
  if (!failure.empty()) {
    log::error(fmt::format("python: {}", failure));
    board_.set_health({"failed", failure, {}, {}, config_.executable, {}, {}});
  }
  {
    const Locked lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  // Python's main thread must not end while others may still use Python, and finalising beside them
  // aborts the process. It waits for _Exit.
  for (;;) pause();
}

void CPythonHost::run_python() {
  thread_ = pthread_self();
  const Started started = start_interpreter(config_);
  python_begins();
  unlocked([this] { open_kernel_door(); });
  set_host(&board_, kernels_.get());
  prepare_dump();
  watch_waits([this](pthread_t thread) { ask_for_stacks(thread); },
              [this] { return read_stacks(); });
  const py::module_ native = py::module_::import("_atheria");
  const py::object main = py::module_::import("atheria._host").attr("main");
  unlocked([&] { ready(started); });
  main(native.attr("host"));
  python_ends();
  const py::module_ sys = py::module_::import("sys");
  for (const char* stream : {"__stdout__", "__stderr__"})
    if (const py::object out = sys.attr(stream); !out.is_none()) out.attr("flush")();
}

void CPythonHost::ready(const Started& started) {
  running_ = true;
  board_.attach(this);
  board_.set_health({"idle", "", started.python, started.torch, config_.executable, {}, {}});
  log::info(fmt::format("python {} with torch {} is ready", started.python, started.torch));
}

void CPythonHost::watch() {
  pthread_setname_np(pthread_self(), "pywatch");
  for (;;) board_.wait_for_change(board_.tick());
}

// Notebooks are worth having, not worth failing for.
void CPythonHost::open_kernel_door() {
  try {
    kernels_ = std::make_unique<KernelDoor>(config_.socket, board_);
  } catch (const Error& error) {
    log::warning(fmt::format("no notebook can attach: {}", error.what()));
    kernels_ = std::make_unique<KernelDoor>("", board_);
  }
  if (!config_.kernel.empty())
    kernels_->open(config_.kernel, "the notebook this server was started for",
                   config_.kernel_ended);
}

// faulthandler's own C handlers: one writes to our file when the signal comes, whoever holds the GIL;
// the others write the Python stack to the log when native code crashes the process.
void CPythonHost::prepare_dump() {
  using namespace py::literals;
  const py::module_ faulthandler = py::module_::import("faulthandler");
  faulthandler.attr("enable")("file"_a = STDERR_FILENO, "all_threads"_a = true);
  faulthandler.attr("register")(signals().dump, "file"_a = stacks_, "all_threads"_a = true,
                                "chain"_a = false);
}

std::string CPythonHost::stacks() {
  if (!running_) return {};
  ask_for_stacks(thread_);
  return read_stacks();
}

// Has a thread write the stacks of all of them into our file.
void CPythonHost::ask_for_stacks(pthread_t thread) {
  if (ftruncate(stacks_, 0) != 0 || lseek(stacks_, 0, SEEK_SET) != 0) return;
  pthread_kill(thread, signals().dump);
}

std::string CPythonHost::read_stacks() {
  // Nothing says when it has written all: look until it grows no more.
  std::string text;
  const auto until = std::chrono::steady_clock::now() + kStackTime;
  off_t before = -1;
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const off_t size = lseek(stacks_, 0, SEEK_END);
    if (size > 0 && size == before) break;
    before = size;
  }
  text.resize(static_cast<std::size_t>(std::max<off_t>(0, before)));
  const auto got = pread(stacks_, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  return text;
}

double CPythonHost::cpu_seconds() {
  clockid_t clock{};
  timespec time{};
  if (!running_ || pthread_getcpuclockid(thread_, &clock) != 0 || clock_gettime(clock, &time) != 0)
    return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace
}  // namespace atheria::pyhost

extern "C" {

const char* atheria_pyhost_built_for() {
  static const std::string text =
      fmt::format("{} cp{}{} torch {}", atheria::build::kVersion, PY_MAJOR_VERSION,
                  PY_MINOR_VERSION, atheria::build::kTorchVersion);
  return text.c_str();
}

atheria::pyhost::Host* atheria_pyhost_start(const atheria::pyhost::HostConfig* config,
                                            atheria::jobs::Board* board,
                                            atheria::pyhost::EngineDoor* door) {
  atheria::pyhost::set_door(door);
  return new atheria::pyhost::CPythonHost(*config, *board);
}
}
