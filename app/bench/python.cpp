#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/bench/house.h"
#include "app/bench/own_server.h"
#include "app/bench/python_report.h"
#include "app/bench/python_scripts.h"
#include "app/bench/script_talk.h"
#include "app/bench/stats.h"
#include "app/cli/machine.h"
#include "engine/base/clock.h"

// Worlds beside scripts, timed from outside: the world is asked for its step by the wire, and the
// kernel for its thread's time, so that nothing of the measurement needs Python.
namespace atheria::bench {
namespace {

constexpr double kHoldSeconds = 0.2;     // one call with the GIL
constexpr double kWindowSeconds = 0.05;  // for what a hold does to steps
constexpr double kStopLimitMs = 500;     // what the project promises
constexpr int kCalls = 20;               // of each kind in a round

double seconds_since(std::uint64_t begin) { return static_cast<double>(now_us() - begin) * 1e-6; }

// Not within coroutines: gcc 12 cannot have these initializers in an awaited expression.
json::object of_world(const char* name) { return {{"world", name}}; }
json::object full_pace(const char* name) { return {{"world", name}, {"pace", {{"mode", "full"}}}}; }
json::object of_job(const std::string& job, bool force) { return {{"job", job}, {"force", force}}; }

class PythonBench {
 public:
  PythonBench(asio::io_context& io, const PythonOptions& options, const OwnServer& server)
      : options_(options), server_(server), talk_(io, server.door()) {}

  asio::awaitable<int> run();
  asio::awaitable<int> run_busy();  // the first rows alone

  std::vector<PythonRow> rows;
  json::object python;

 private:
  struct Point {
    double step;
    std::uint64_t at;  // us
  };
  // Steps a second: of the clock, and without the time the world's thread stood in line for a core.
  struct Speed {
    double clock, served;
  };
  struct Stall {
    double slowest;    // steps a second in the slowest window
    double stood_ms;   // of each hold
    double answer_ms;  // the longest wait for an answer of the world
  };

  asio::awaitable<Point> point();
  asio::awaitable<Speed> speed();
  asio::awaitable<void> find_world_thread();
  asio::awaitable<void> start();
  ThreadTime world_time() const;
  asio::awaitable<void> beside(std::string what, const char* script);
  asio::awaitable<Stall> hold(const char* library);
  asio::awaitable<void> holds();
  asio::awaitable<void> calls();
  asio::awaitable<double> empty_script(std::string mode);
  asio::awaitable<void> submits();
  asio::awaitable<void> stops(std::string what, const char* script, bool force);
  asio::awaitable<void> stop(std::string job, bool force);

  const PythonOptions options_;
  const OwnServer& server_;
  ScriptTalk talk_;
  int world_thread_ = 0;
};

asio::awaitable<PythonBench::Point> PythonBench::point() {
  const json::object reply = co_await talk_.ask("sim.get", of_world("small"));
  co_return Point{reply.at("world").as_object().at("step").to_number<double>(), now_us()};
}

asio::awaitable<PythonBench::Speed> PythonBench::speed() {
  const Point begin = co_await point();
  const double queued_before = world_time().queued;
  co_await talk_.pause(options_.seconds);
  const double queued = world_time().queued - queued_before;
  const Point end = co_await point();
  const double steps = end.step - begin.step;
  const double seconds = static_cast<double>(end.at - begin.at) * 1e-6;
  co_return Speed{steps / seconds, steps / std::max(seconds - queued, 1e-3)};
}

// The thread that works while nothing but the small world has anything to do.
asio::awaitable<void> PythonBench::find_world_thread() {
  const auto before = server_.threads();
  co_await speed();
  double most = 0;
  for (const auto& [number, time] : server_.threads()) {
    const auto old = before.find(number);
    const double worked = time.worked - (old == before.end() ? 0 : old->second.worked);
    if (worked > most) most = worked, world_thread_ = number;
  }
}

ThreadTime PythonBench::world_time() const {
  const auto threads = server_.threads();
  const auto found = threads.find(world_thread_);
  return found == threads.end() ? ThreadTime{} : found->second;
}

asio::awaitable<void> PythonBench::stop(std::string job, bool force) {
  co_await talk_.ask("script.cancel", of_job(job, force));
  co_await talk_.finish(job);
}

asio::awaitable<void> PythonBench::beside(std::string what, const char* script) {
  PythonRow clock{what, "steps/s", {}, "Python idle", {}};
  PythonRow served{"  less its time in line for a core", "steps/s", {}, "Python idle", {}};
  for (int round = 0; round < options_.rounds; ++round) {
    co_await talk_.refresh();
    const Speed without = co_await speed();
    const std::string job = co_await talk_.start(script);
    const Speed with = co_await speed();
    co_await stop(job, false);
    clock.others.push_back(without.clock), clock.values.push_back(with.clock);
    served.others.push_back(without.served), served.values.push_back(with.served);
  }
  rows.push_back(std::move(clock));
  if (world_thread_ != 0) rows.push_back(std::move(served));
}

asio::awaitable<PythonBench::Stall> PythonBench::hold(const char* library) {
  const double seconds = std::max(options_.seconds, 2 * kHoldSeconds);
  const int count = static_cast<int>(std::ceil(seconds / kHoldSeconds)) + 1;
  const std::string job = co_await talk_.start(fmt::format(scripts::kHold, library, count));
  co_await talk_.refresh();
  Stall stall{HUGE_VAL, 0, 0};
  const ThreadTime before = world_time();
  const std::uint64_t begin = now_us();
  Point last = co_await point();
  while (seconds_since(begin) < seconds) {
    co_await talk_.pause(kWindowSeconds);
    const std::uint64_t asked = now_us();
    const Point next = co_await point();
    const double window = static_cast<double>(next.at - last.at) * 1e-6;
    stall.slowest = std::min(stall.slowest, (next.step - last.step) / window);
    stall.answer_ms = std::max(stall.answer_ms, static_cast<double>(next.at - asked) * 1e-3);
    last = next;
  }
  const ThreadTime after = world_time();
  const double all = seconds_since(begin);
  const double stood = all - (after.worked - before.worked) - (after.queued - before.queued);
  stall.stood_ms = std::max(0.0, stood) * 1e3 / (all / kHoldSeconds);
  co_await talk_.finish(job);
  co_return stall;
}

asio::awaitable<void> PythonBench::holds() {
  const std::string free = "the call lets go of the GIL";
  PythonRow slowest{"GIL held 200 ms: slowest 50 ms of the world", "steps/s", {}, free, {}};
  PythonRow stood{"GIL held 200 ms: the world's thread stands", "ms", {}, free, {}};
  PythonRow answer{"GIL held 200 ms: longest answer of the world", "ms", {}, free, {}};
  for (int round = 0; round < options_.rounds; ++round) {
    co_await talk_.refresh();
    const Stall without = co_await hold("CDLL");
    const Stall with = co_await hold("PyDLL");
    slowest.others.push_back(without.slowest), slowest.values.push_back(with.slowest);
    stood.others.push_back(without.stood_ms), stood.values.push_back(with.stood_ms);
    answer.others.push_back(without.answer_ms), answer.values.push_back(with.answer_ms);
  }
  rows.push_back(std::move(slowest));
  if (world_thread_ != 0) rows.push_back(std::move(stood));
  rows.push_back(std::move(answer));
}

asio::awaitable<void> PythonBench::calls() {
  std::vector<PythonRow> found{{"lease, an empty with-block", "ms", {}, "w.state", {}},
                               {"w.snapshot(\"u\"), 256 x 256", "ms", {}, "tensor.clone()", {}},
                               {"w.snapshot(\"u\"), 2048 x 2048", "ms", {}, "tensor.clone()", {}},
                               {"w.step(1), 256 x 256", "ms", {}, "one of w.step(100)", {}}};
  const json::value answer =
      co_await talk_.answer_of(fmt::format(scripts::kCalls, options_.rounds * kCalls));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const json::array& both = answer.as_array().at(i).as_array();
    found[i].values = json::value_to<std::vector<double>>(both.at(0));
    found[i].others = json::value_to<std::vector<double>>(both.at(1));
    rows.push_back(std::move(found[i]));
  }
}

asio::awaitable<double> PythonBench::empty_script(std::string mode) {
  co_await talk_.refresh();
  const std::uint64_t begin = now_us();
  const std::string job = co_await talk_.submit("", std::move(mode));
  const json::object status = co_await talk_.finish(job);
  const double took = seconds_since(begin) * 1e3;
  if (status.at("outcome") != "ok")
    throw Error(ErrorKind::internal, fmt::format("an empty script failed:\n{}", talk_.printed));
  co_return took;
}

asio::awaitable<void> PythonBench::submits() {
  PythonRow row{"an empty script, from script.run to done", "ms", {}, "with mode=process", {}};
  for (int round = 0; round < options_.rounds; ++round) {
    row.others.push_back(co_await empty_script("process"));
    row.values.push_back(co_await empty_script("server"));
  }
  rows.push_back(std::move(row));
}

asio::awaitable<void> PythonBench::stops(std::string what, const char* script, bool force) {
  PythonRow row{std::move(what), "ms", {}, "the limit", {kStopLimitMs}};
  for (int round = 0; round < options_.rounds; ++round) {
    const std::string job = co_await talk_.start(script);
    co_await talk_.refresh();
    const std::uint64_t begin = now_us();
    co_await stop(job, force);
    row.values.push_back(seconds_since(begin) * 1e3);
  }
  rows.push_back(std::move(row));
}

asio::awaitable<void> PythonBench::start() {
  python = co_await talk_.connect();
  co_await talk_.ask("sim.set", full_pace("small"));
  co_await find_world_thread();
}

asio::awaitable<int> PythonBench::run_busy() {
  co_await start();
  co_await beside("beside `while True: pass`", scripts::kBusy);
  co_return 0;
}

asio::awaitable<int> PythonBench::run() {
  co_await start();
  co_await beside("beside `while True: pass`", scripts::kBusy);
  co_await beside("with an observer each 10 steps", scripts::kObserver);
  co_await beside("with an inline hook each 10 steps", scripts::kHook);
  co_await holds();
  co_await talk_.ask("sim.pause", of_world("small"));
  co_await calls();
  co_await submits();
  co_await talk_.ask("sim.play", of_world("small"));
  co_await stops("stop: time.sleep", scripts::kSleep, false);
  co_await stops("stop: `while True: pass`", scripts::kBusy, false);
  co_await stops("stop: World.wait", scripts::kWait, false);
  co_await stops("force: one that catches every exception", scripts::kSwallower, true);
  co_return 0;
}

std::vector<std::string> server_flags(const PythonOptions& options, int threads) {
  std::vector<std::string> flags{"--log-level", "error", "--threads", std::to_string(threads)};
  for (const char* world :
       {"small=gray-scott,256x256,seed=1", "still=gray-scott,256x256,seed=1,paused",
        "large=gray-scott,2048x2048,seed=1,paused"})
    flags.insert(flags.end(), {"--world", world});
  if (!options.python.empty()) flags.insert(flags.end(), {"--python", options.python});
  return flags;
}

}  // namespace

// Less the time in line for a core, where the kernel tells: two more programs than cores is not what
// is measured.
Shares embed_shares(int rounds, double seconds, int threads) {
  PythonOptions options;
  options.rounds = rounds;
  options.seconds = seconds;
  const int stepping = std::max(1, threads - 1);
  const OwnServer server(server_flags(options, stepping));
  asio::io_context io;
  PythonBench bench(io, options, server);
  cli::run_to_end(io, bench.run_busy());
  const PythonRow& row = bench.rows.back();
  return {paired_ratios(row.values, row.others), fmt::format("{} stepping", stepping)};
}

int bench_python(const PythonOptions& options) {
  const int threads = options.threads > 0 ? options.threads : std::max(1, cli::cores() - 1);
  const OwnServer server(server_flags(options, threads));
  asio::io_context io;
  PythonBench bench(io, options, server);
  const int code = cli::run_to_end(io, bench.run());
  if (code == 0) report_python(bench.rows, options, threads, bench.python);
  return code;
}

}  // namespace atheria::bench
