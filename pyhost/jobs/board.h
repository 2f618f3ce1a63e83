#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pyhost/jobs/executor.h"
#include "pyhost/jobs/job.h"
#include "pyhost/jobs/record.h"
#include "pyhost/jobs/script_access.h"

namespace atheria::jobs {

// The scripts of a server: who waits, who runs, what they printed, how they ended. It knows no
// Python: an Executor takes the work and is told what to stop. Any thread; nothing here waits but
// next() and read_line().
class Board : public ScriptAccess {
 public:
  struct Options {
    std::string folder;                       // of the records
    std::size_t queue = 16;                   // jobs that may wait
    std::size_t processes = 16;               // that may run in processes of their own
    std::size_t remembered = 200;             // finished ones that are listed
    std::function<std::uint64_t()> now = {};  // microseconds; empty: now_us()
  };
  explicit Board(Options options);
  ~Board() override;

  ScriptStatus run(ScriptSpec spec) override;
  int cancel(const std::string& job, const std::string& reason, bool force) override;
  std::vector<ScriptStatus> list() const override;
  ScriptStatus status(const std::string& job) const override;
  std::vector<ScriptChunk> output(const std::string& job, std::uint64_t from,
                                  std::size_t max_bytes) const override;
  void input(const std::string& job, const std::optional<std::string>& line) override;
  PythonHealth health() const override;
  void listen(std::function<void(const std::string& job)> changed) override;

  // --- the executor's side

  void attach(Executor* executor);  // for the foreground slot
  void attach(Launcher* launcher);  // for jobs in processes of their own
  void set_health(
      PythonHealth health);  // plane, reason, versions; busy and job are the board's own

  // The next job for the foreground slot, or what else there is to do.
  struct Work {
    enum class Kind { script, task, stop } kind = Kind::script;
    std::string job;
    ScriptSpec spec;
    std::string task;  // text for the executor alone: a notebook that wants to attach
  };
  std::optional<Work> next(std::chrono::milliseconds limit);
  void add_task(std::string task);
  int wake_fd() const { return wake_fd_; }  // readable when next() would give something at once

  std::string folder_of(const std::string& job) const;  // of its record
  bool started(const std::string& job);  // false: stopped while it waited; do not run it
  void write(const std::string& job, std::string_view stream, std::string_view text);
  void progress(const std::string& job, double fraction, const std::string& text) override;
  std::optional<std::string> stop_reason(const std::string& job) const;
  double extend_grace(const std::string& job, double seconds) override;
  void done(const std::string& job, const JobReport& report);

  // A line for input(): waits at most `limit`. Then `wanted` stays up, so ask again.
  struct Line {
    bool ready = false;
    std::optional<std::string> text;  // nothing: the end
  };
  Line read_line(const std::string& job, const std::string& prompt, bool password,
                 std::chrono::milliseconds limit);

  // --- time: pywatch calls this; when to call again (0: nothing is due)
  std::uint64_t tick();
  void wait_for_change(std::uint64_t until_us);  // for pywatch

  // No more jobs; what waits is cancelled, what runs is asked to end. next() then says stop.
  void close(const std::string& reason);
  bool idle() const;  // nothing runs
  void force();       // stage 2 for what runs

 private:
  using JobPtr = std::shared_ptr<Job>;

  std::uint64_t now() const;
  JobPtr find(const std::string& job) const;    // throws Error (not_found)
  JobPtr active(const std::string& job) const;  // null: it does not run
  std::vector<JobPtr> all_active() const;
  void check_plane(bool process_mode) const;
  int stop(Job& job, const std::string& reason, bool force, const char* outcome);
  void begin_kill(Job& job, std::uint64_t now);
  std::uint64_t pass_time(Job& job, std::uint64_t now);
  void escalate(Job& job, std::uint64_t now);
  void report_stuck(const std::string& job, Executor* executor);
  void finish(Job& job, const JobReport& report);
  void forget_old();
  void wake();
  void tell(const std::string& job);
  ScriptStatus snapshot(const Job& job) const;
  std::string plane() const;

  const Options options_;
  Records records_;
  const int wake_fd_;
  mutable std::mutex mutex_;  // Guards all below.
  mutable std::condition_variable arrived_;
  std::map<std::uint64_t, JobPtr> jobs_;  // by number
  std::deque<JobPtr> queue_;
  std::deque<std::string> tasks_;
  JobPtr running_;  // in the foreground
  std::vector<JobPtr> processes_;
  PythonHealth health_;
  Executor* executor_ = nullptr;
  Launcher* launcher_ = nullptr;
  bool closed_ = false;
  std::string close_reason_;
  std::uint64_t changes_ = 0;

  std::mutex listener_mutex_;
  std::function<void(const std::string&)> listener_;  // Guarded by listener_mutex_.
};

}  // namespace atheria::jobs
