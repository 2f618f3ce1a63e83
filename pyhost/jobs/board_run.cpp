#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/locks.h"
#include "engine/base/log.h"
#include "pyhost/jobs/board.h"

// The way of a job through the executor.
namespace atheria::jobs {
void Board::wake() {
  ++changes_;
  eventfd_write(wake_fd_, 1);
  arrived_.notify_all();
}

void Board::attach(Executor* executor) {
  const Locked lock(mutex_);
  executor_ = executor;
}

void Board::attach(Launcher* launcher) {
  const Locked lock(mutex_);
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
  const Locked lock(mutex_);
  tasks_.push_back(std::move(task));
  wake();
}

std::optional<Board::Work> Board::next(std::chrono::milliseconds limit) {
  Locked lock(mutex_);
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
    const Locked lock(mutex_);
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

void Board::write(const std::string& name, std::string_view stream, std::string_view text) {
  if (text.empty()) return;
  {
    const Locked lock(mutex_);
    const JobPtr job = find(name);
    if (!job->output || job->status.state == "done") return;
    job->output->write(stream, text, static_cast<double>(now() - job->submitted_us) * 1e-6);
  }
  tell(name);
}

void Board::progress(const std::string& name, double fraction, const std::string& text) {
  {
    const Locked lock(mutex_);
    const JobPtr job = find(name);
    job->status.progress = fraction >= 0 ? std::min(fraction, 1.0) : -1;
    job->status.progress_text = clean_utf8(std::string_view(text).substr(0, 200));
  }
  tell(name);
}

std::optional<std::string> Board::stop_reason(const std::string& name) const {
  const Locked lock(mutex_);
  const JobPtr job = find(name);
  if (job->stop_reason.empty()) return std::nullopt;
  return job->stop_reason;
}

Board::Line Board::read_line(const std::string& name, const std::string& prompt, bool password,
                             std::chrono::milliseconds limit) {
  Locked lock(mutex_);
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
    const Locked lock(mutex_);
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

}  // namespace atheria::jobs
