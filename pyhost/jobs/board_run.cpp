#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "pyhost/jobs/board.h"

// The way of a job through the executor, and how it is stopped.
namespace atheria::jobs {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kRemindUs = kSecond / 2;     // stage 1 that did not arrive
constexpr std::uint64_t kStormUs = kSecond / 20;     // stage 2: a sleep that began anew
constexpr std::uint64_t kStuckUs = 2 * kSecond;      // of stage 2
constexpr std::uint64_t kGraceMore = 600 * kSecond;  // as much as a script may ask for

}  // namespace

void Board::wake() {
  ++changes_;
  eventfd_write(wake_fd_, 1);
  arrived_.notify_all();
}

void Board::attach(Executor* executor) {
  const std::lock_guard lock(mutex_);
  executor_ = executor;
}

void Board::attach(Launcher* launcher) {
  const std::lock_guard lock(mutex_);
  launcher_ = launcher;
}

Board::JobPtr Board::active(const std::string& name) const {
  for (const JobPtr& job : all_active())
    if (job->status.job == name) return job;
  return nullptr;
}

std::vector<Board::JobPtr> Board::all_active() const {
  std::vector<JobPtr> all = processes_;
  if (running_) all.push_back(running_);
  return all;
}

void Board::add_task(std::string task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  wake();
}

std::optional<Board::Work> Board::next(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, limit, [this] { return closed_ || !queue_.empty() || !tasks_.empty(); });
  eventfd_t ignored;
  eventfd_read(wake_fd_, &ignored);
  if (closed_) return Work{Work::Kind::stop, {}, {}, {}};
  Work work;
  if (!tasks_.empty()) {
    work.kind = Work::Kind::task;
    work.task = std::move(tasks_.front());
    tasks_.pop_front();
  } else if (!queue_.empty()) {
    work.job = queue_.front()->status.job;
    work.spec = queue_.front()->spec;
    running_ = std::move(queue_.front());
    running_->executor = executor_;
    queue_.pop_front();
  } else {
    return std::nullopt;
  }
  if (!queue_.empty() || !tasks_.empty()) eventfd_write(wake_fd_, 1);
  return work;
}

bool Board::started(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    const JobPtr found = active(name);
    if (!found) return false;
    Job& job = *found;
    if (!job.stop_reason.empty()) {
      finish(job, {"cancelled", 130, {}, {}});
      return false;
    }
    job.status.state = "running";
    job.started_us = now();
    if (job.executor != nullptr) job.cpu_before_s = job.executor->cpu_seconds();
    Records::write(job.folder, job.spec, job.status);
    ++changes_;
    arrived_.notify_all();
  }
  tell(name);
  return true;
}

// The stage it is in afterwards.
int Board::stop(Job& job, const std::string& reason, bool force, const char* outcome) {
  if (job.status.state == "done") return job.status.stage;
  const bool first = job.stop_reason.empty();
  if (first) {
    job.stop_reason = reason.empty() ? "stopped" : reason;
    job.stop_outcome = outcome;
  }
  const auto waiting = std::find_if(queue_.begin(), queue_.end(),
                                    [&](const JobPtr& one) { return one.get() == &job; });
  if (waiting != queue_.end()) {
    const JobPtr keep = *waiting;
    queue_.erase(waiting);
    finish(job, {"cancelled", 130, {}, {}});
    return 0;
  }
  if (job.started_us == 0) return 1;  // started() is about to find out
  const auto time = now();
  if (job.status.stage == 0) {
    const auto grace =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, job.spec.grace.count())) * 1000;
    job.status.state = "cancelling";
    job.status.stage = 1;
    job.grace_until_us = time + grace;
    job.latest_grace_us = job.grace_until_us + kGraceMore;
    job.next_poke_us = time + kRemindUs;
    if (job.executor != nullptr && !force) job.executor->stop(job.status.job, job.stop_reason);
  }
  if ((force || !first) && job.status.stage == 1) begin_kill(job, time);
  ++changes_;
  arrived_.notify_all();
  return job.status.stage;
}

void Board::begin_kill(Job& job, std::uint64_t time) {
  job.status.stage = 2;
  job.kill_us = time;
  job.next_poke_us = time;
  if (job.executor == nullptr) return;
  job.executor->revoke(job.status.job);
  job.executor->kill(job.status.job);
}

std::uint64_t Board::tick() {
  std::vector<std::string> told;
  std::string stuck;
  Executor* executor = nullptr;
  std::uint64_t due = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const JobPtr& job : all_active()) {
      const int before = job->status.stage;
      const auto next = pass_time(*job, now());
      if (next != 0) due = due == 0 ? next : std::min(due, next);
      if (job->status.stage == before) continue;
      told.push_back(job->status.job);
      if (job->status.stage != 3 || job != running_) continue;
      stuck = job->status.job;
      executor = job->executor;
    }
  }
  if (!stuck.empty()) report_stuck(stuck, executor);
  for (const std::string& job : told) tell(job);
  return due;
}

// When it must be looked at again; 0: no time matters to it.
std::uint64_t Board::pass_time(Job& job, std::uint64_t time) {
  if (job.started_us == 0) return 0;
  const auto limit =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, job.spec.deadline.count())) * 1000;
  const auto deadline = job.started_us + limit;
  if (job.status.stage == 0) {
    if (limit == 0) return 0;
    if (time < deadline) return deadline;
    stop(job, fmt::format("its {:g} s are over", 1e-6 * static_cast<double>(limit)), false,
         "timed_out");
  }
  escalate(job, time);
  return job.next_poke_us;
}

// Outside the lock: the threads that are looked at may hold it.
void Board::report_stuck(const std::string& job, Executor* executor) {
  const std::string stacks = executor != nullptr ? executor->stacks() : "";
  {
    const std::lock_guard lock(mutex_);
    health_.stacks = stacks;
    health_.reason =
        fmt::format("job {} does not end: native code that never returns to Python", job);
    log::error(fmt::format("python: {}\n{}", health_.reason, stacks));
  }
  tell("");
}

void Board::escalate(Job& job, std::uint64_t time) {
  if (job.status.stage == 1 && time >= job.grace_until_us) begin_kill(job, time);
  if (job.status.stage == 2 && time >= job.kill_us + kStuckUs) job.status.stage = 3;
  if (time < job.next_poke_us) return;
  if (job.executor != nullptr) {
    if (job.status.stage == 1)
      job.executor->remind(job.status.job);
    else
      job.executor->kill(job.status.job);
  }
  const std::uint64_t pause = job.status.stage == 2 ? kStormUs : kRemindUs;
  job.next_poke_us = time + pause;
  if (job.status.stage == 1) job.next_poke_us = std::min(job.next_poke_us, job.grace_until_us);
}

void Board::wait_for_change(std::uint64_t until_us) {
  std::unique_lock lock(mutex_);
  const auto seen = changes_;
  const auto changed = [&] { return changes_ != seen; };
  const auto time = now_us();
  const auto limit = until_us == 0 ? std::uint64_t{kSecond} : until_us > time ? until_us - time : 0;
  arrived_.wait_for(lock, std::chrono::microseconds(std::min<std::uint64_t>(limit, kSecond)),
                    changed);
}

void Board::write(const std::string& name, std::string_view stream, std::string_view text) {
  if (text.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    const JobPtr job = find(name);
    if (!job->output || job->status.state == "done") return;
    job->output->write(stream, text, static_cast<double>(now() - job->submitted_us) * 1e-6);
  }
  tell(name);
}

void Board::progress(const std::string& name, double fraction, const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    const JobPtr job = find(name);
    job->status.progress = fraction >= 0 ? std::min(fraction, 1.0) : -1;
    job->status.progress_text = clean_utf8(std::string_view(text).substr(0, 200));
  }
  tell(name);
}

std::optional<std::string> Board::stop_reason(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const JobPtr job = find(name);
  if (job->stop_reason.empty()) return std::nullopt;
  return job->stop_reason;
}

double Board::extend_grace(const std::string& name, double seconds) {
  const std::lock_guard lock(mutex_);
  const JobPtr job = find(name);
  if (job->status.stage != 1) return 0;
  const auto time = now();
  const auto wanted = time + static_cast<std::uint64_t>(std::clamp(seconds, 0.0, 600.0) * 1e6);
  job->grace_until_us = std::clamp(wanted, job->grace_until_us, job->latest_grace_us);
  return 1e-6 * static_cast<double>(job->grace_until_us - std::min(time, job->grace_until_us));
}

Board::Line Board::read_line(const std::string& name, const std::string& prompt, bool password,
                             std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const JobPtr job = find(name);
  if (!job->spec.has_stdin) return {true, std::nullopt};
  const auto ready = [&] { return !job->lines.empty() || job->input_ended; };
  if (!ready() && !std::exchange(job->status.wants_input, true)) {
    job->status.prompt = prompt;
    job->status.password = password;
    lock.unlock();
    tell(name);
    lock.lock();
  }
  if (!arrived_.wait_for(lock, limit, ready)) return {};
  job->status.wants_input = false;
  Line line{true, std::nullopt};
  if (!job->lines.empty()) {
    line.text = std::move(job->lines.front());
    job->lines.pop_front();
  }
  return line;
}

void Board::done(const std::string& name, const JobReport& report) {
  {
    const std::lock_guard lock(mutex_);
    const JobPtr job = active(name);
    if (!job) return;
    finish(*job, report);
  }
  tell(name);
  tell("");
}

// A job that was asked to stop was stopped, whatever it made of that; a deadline has its own code.
void Board::finish(Job& job, const JobReport& report) {
  const bool stopped =
      !job.stop_reason.empty() && (report.outcome != "lost" || job.status.stage >= 2);
  const bool forced = job.status.stage >= 2;
  ScriptStatus& status = job.status;
  status = snapshot(job);
  status.state = "done";
  status.outcome = !stopped                          ? report.outcome
                   : job.stop_outcome == "timed_out" ? "timed_out"
                   : forced                          ? "killed"
                                                     : "cancelled";
  status.exit_code = !stopped                          ? report.exit_code
                     : job.stop_outcome == "timed_out" ? 124
                     : forced                          ? 137
                                                       : 130;
  status.failure = report.failure;
  status.left_behind = report.left_behind;
  if (report.cpu_s) status.cpu_s = *report.cpu_s;
  status.wants_input = false;
  status.position = 0;
  if (job.output) job.output->close();
  Records::write(job.folder, job.spec, status);
  log::info(fmt::format("job {} ({}) is done: {}, exit code {}", status.job, status.name,
                        status.outcome, status.exit_code));
  std::erase_if(processes_, [&](const JobPtr& one) { return one.get() == &job; });
  if (running_.get() == &job) {
    if (status.stage == 3) {
      health_.reason.clear();
      health_.stacks.clear();
    }
    running_.reset();
  }
  ++changes_;
  arrived_.notify_all();
}

void Board::close(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = true;
  const auto waiting = queue_;
  for (const JobPtr& job : waiting) stop(*job, reason, false, "cancelled");
  for (const JobPtr& job : all_active()) stop(*job, reason, false, "cancelled");
  wake();
}

bool Board::idle() const {
  const std::lock_guard lock(mutex_);
  return !running_ && processes_.empty();
}

void Board::force() {
  const std::lock_guard lock(mutex_);
  for (const JobPtr& job : all_active()) stop(*job, "the server is stopping", true, "cancelled");
}

}  // namespace atheria::jobs
