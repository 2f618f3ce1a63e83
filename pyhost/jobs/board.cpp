#include "pyhost/jobs/board.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/locks.h"
#include "engine/base/log.h"
#include "engine/base/numbers.h"

// What clients ask: run, look, answer, listen. What the executor and the watch do is in
// board_run.cpp and board_stop.cpp.
namespace atheria::jobs {
namespace {

constexpr std::size_t kOutputsKept = 16;  // finished jobs whose output stays in memory
constexpr std::size_t kLinesWaiting = 1024;

std::uint64_t wall_us() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

}  // namespace

Board::Board(Options options)
    : options_(std::move(options)),
      records_(options_.folder),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  health_.plane = "off";
  health_.reason = "Python was not started";
  for (auto& [status, folder] : records_.earlier(options_.remembered)) {
    auto job = std::make_shared<Job>();
    job->status = std::move(status);
    job->folder = std::move(folder);
    jobs_[parse_number<std::uint64_t>(job->status.job).value_or(0)] = std::move(job);
  }
}

Board::~Board() { ::close(wake_fd_); }

std::uint64_t Board::now() const { return options_.now ? options_.now() : now_us(); }

void Board::check_plane(bool process_mode) const {
  if (closed_) throw Error(ErrorKind::cancelled, "the server is stopping");
  // A process of its own needs no Python in this one, only that there may be one at all.
  if (process_mode && launcher_ != nullptr) {
    if (processes_.size() < options_.processes) return;
    throw Error(ErrorKind::busy, fmt::format("{} scripts run in processes already; try again later",
                                             processes_.size()));
  }
  if (health_.plane == "off" || health_.plane == "failed")
    throw Error(ErrorKind::unsupported,
                fmt::format("no Python in this server: {}", health_.reason));
  if (running_ && running_->status.stage == 3)
    throw Error(
        ErrorKind::conflict,
        fmt::format(
            "Python is stuck in job {} ({}): native code that does not return; only server.restart "
            "(ath restart) helps, and keeps the worlds",
            running_->status.job, running_->status.name));
}

ScriptStatus Board::run(ScriptSpec spec) {
  Locked lock(mutex_);
  check_plane(spec.process_mode);
  if (queue_.size() >= options_.queue)
    throw Error(ErrorKind::busy,
                fmt::format("{} scripts wait already; try again later", queue_.size()));
  if (spec.name.empty()) spec.name = "script";
  auto job = std::make_shared<Job>();
  const Records::Place place = records_.add(spec, jobs_.empty() ? 1 : jobs_.rbegin()->first + 1);
  job->folder = place.folder;
  job->output = std::make_unique<Output>(place.folder + "/out.jsonl");
  job->status.job = place.job;
  job->status.name = spec.name;
  job->status.owner = spec.owner;
  job->status.state = "queued";
  job->status.created_us = wall_us();
  job->submitted_us = now();
  job->spec = std::move(spec);
  jobs_[parse_number<std::uint64_t>(place.job).value_or(0)] = job;
  if (job->spec.process_mode) {
    job->executor = launcher_;
    processes_.push_back(job);
  } else {
    queue_.push_back(job);
  }
  forget_old();
  Records::write(job->folder, job->spec, job->status);
  const ScriptStatus answer = snapshot(*job);
  wake();
  Launcher* const launcher = job->spec.process_mode ? launcher_ : nullptr;
  lock.unlock();
  tell(answer.job);
  if (launcher != nullptr) launcher->launch(answer.job, job->spec);
  return answer;
}

void Board::forget_old() {
  std::size_t outputs = 0, finished = 0;
  for (auto at = jobs_.rbegin(); at != jobs_.rend(); ++at) {
    Job& job = *at->second;
    if (job.status.state != "done") continue;
    ++finished;
    if (job.output && ++outputs > kOutputsKept) job.output.reset();  // on disk it stays
  }
  for (auto at = jobs_.begin(); finished > options_.remembered && at != jobs_.end();) {
    if (at->second->status.state != "done") {
      ++at;
      continue;
    }
    at = jobs_.erase(at);
    --finished;
  }
}

int Board::cancel(const std::string& name, const std::string& reason, bool force) {
  Locked lock(mutex_);
  const JobPtr job = find(name);
  const int stage = stop(*job, reason, force, "cancelled");
  lock.unlock();
  tell(name);
  return stage;
}

Board::JobPtr Board::find(const std::string& name) const {
  const auto number = parse_number<std::uint64_t>(name);
  const auto found = number ? jobs_.find(*number) : jobs_.end();
  if (found == jobs_.end() || found->second->status.job != name)
    throw Error(ErrorKind::not_found,
                fmt::format("no job '{}'; script.list names them (ath jobs)", name), "args.job");
  return found->second;
}

ScriptStatus Board::snapshot(const Job& job) const {
  ScriptStatus status = job.status;
  if (job.output) {
    status.out_to = job.output->end();
    status.gap = job.output->lost();
  }
  if (status.state == "queued") {
    const auto at = std::find_if(queue_.begin(), queue_.end(),
                                 [&](const JobPtr& one) { return one.get() == &job; });
    status.position = static_cast<int>(at - queue_.begin()) + (running_ ? 1 : 0);
  }
  if (job.started_us != 0 && status.state != "done") {
    status.wall_s = static_cast<double>(now() - job.started_us) * 1e-6;
    if (job.executor != nullptr) status.cpu_s = job.executor->cpu_seconds() - job.cpu_before_s;
  }
  return status;
}

std::vector<ScriptStatus> Board::list() const {
  const Locked lock(mutex_);
  std::vector<ScriptStatus> all;
  for (const auto& [number, job] : jobs_) all.push_back(snapshot(*job));
  return all;
}

ScriptStatus Board::status(const std::string& job) const {
  const Locked lock(mutex_);
  return snapshot(*find(job));
}

std::vector<ScriptChunk> Board::output(const std::string& name, std::uint64_t from,
                                       std::size_t max_bytes) const {
  const Locked lock(mutex_);
  const JobPtr job = find(name);
  if (job->output) return job->output->read(from, max_bytes);
  return read_output_file(job->folder + "/out.jsonl", from, max_bytes);
}

std::string Board::folder_of(const std::string& job) const {
  const Locked lock(mutex_);
  return find(job)->folder;
}

void Board::input(const std::string& name, const std::optional<std::string>& line) {
  const Locked lock(mutex_);
  const JobPtr job = find(name);
  if (!job->spec.has_stdin)
    throw Error(ErrorKind::conflict, fmt::format("job {} was started without input", name),
                "args.job");
  if (job->status.state == "done")
    throw Error(ErrorKind::conflict, fmt::format("job {} has ended", name), "args.job");
  if (job->lines.size() >= kLinesWaiting)
    throw Error(ErrorKind::busy,
                fmt::format("{} lines wait to be read by job {}", kLinesWaiting, name));
  job->status.wants_input = false;  // until it asks again: whoever answers must not answer twice
  if (line)
    job->lines.push_back(*line);
  else
    job->input_ended = true;
  arrived_.notify_all();
}

PythonHealth Board::health() const {
  const Locked lock(mutex_);
  PythonHealth health = health_;
  health.plane = plane();
  if (running_) health.job = running_->status.job;
  return health;
}

// Starting, off and failed are told by the loader; the rest is what the foreground job is at.
std::string Board::plane() const {
  if (health_.plane != "idle" || !running_) return health_.plane;
  if (running_->status.stage == 3) return "stuck";
  return running_->status.state == "cancelling" ? "cancelling" : "busy";
}

void Board::set_health(PythonHealth health) {
  {
    const Locked lock(mutex_);
    health_ = std::move(health);
    if (health_.plane == "failed")
      for (const JobPtr& job : std::exchange(queue_, {}))
        finish(*job,
               {"error", 1, ScriptFailure{"HostError", health_.reason, health_.reason, {}}, {}});
  }
  wake();
  tell("");
}

void Board::listen(std::function<void(const std::string& job)> changed) {
  const Locked lock(listener_mutex_);
  listener_ = std::move(changed);
}

void Board::tell(const std::string& job) {
  const Locked lock(listener_mutex_);
  if (listener_) listener_(job);
}

}  // namespace atheria::jobs
