#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/locks.h"
#include "engine/base/log.h"
#include "pyhost/jobs/board.h"

// How a job is stopped: asked, given time, forced, given up.
namespace atheria::jobs {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kRemindUs = kSecond / 2;     // stage 1 that did not arrive
constexpr std::uint64_t kStormUs = kSecond / 20;     // stage 2: a sleep that began anew
constexpr std::uint64_t kStuckUs = 2 * kSecond;      // of stage 2
constexpr std::uint64_t kGraceMore = 600 * kSecond;  // as much as a script may ask for

}  // namespace

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
    queue_.erase(waiting);  // jobs_ keeps it
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
    const Locked lock(mutex_);
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
    const Locked lock(mutex_);
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

double Board::extend_grace(const std::string& name, double seconds) {
  const Locked lock(mutex_);
  const JobPtr job = find(name);
  if (job->status.stage != 1) return 0;
  const auto time = now();
  const auto wanted = time + static_cast<std::uint64_t>(std::clamp(seconds, 0.0, 600.0) * 1e6);
  job->grace_until_us = std::clamp(wanted, job->grace_until_us, job->latest_grace_us);
  return 1e-6 * static_cast<double>(job->grace_until_us - std::min(time, job->grace_until_us));
}

void Board::wait_for_change(std::uint64_t until_us) {
  Locked lock(mutex_);
  const auto seen = changes_;
  const auto changed = [&] { return changes_ != seen; };
  const auto time = now_us();
  const auto limit = until_us == 0 ? std::uint64_t{kSecond} : until_us > time ? until_us - time : 0;
  arrived_.wait_for(lock, std::chrono::microseconds(std::min<std::uint64_t>(limit, kSecond)),
                    changed);
}

void Board::close(const std::string& reason) {
  const Locked lock(mutex_);
  if (closed_) return;
  closed_ = true;
  const auto waiting = queue_;
  for (const JobPtr& job : waiting) stop(*job, reason, false, "cancelled");
  for (const JobPtr& job : all_active()) stop(*job, reason, false, "cancelled");
  wake();
}

bool Board::idle() const {
  const Locked lock(mutex_);
  return !running_ && processes_.empty();
}

void Board::force() {
  const Locked lock(mutex_);
  for (const JobPtr& job : all_active()) stop(*job, "the server is stopping", true, "cancelled");
}

}  // namespace atheria::jobs
