#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "pyhost/jobs/script_access.h"

namespace atheria::testing {

// Python without Python: takes scripts, remembers what it was asked, and prints and ends when told
// to. Any thread.
class FakeScripts : public ScriptAccess {
 public:
  ScriptStatus run(ScriptSpec spec) override {
    const std::lock_guard lock(mutex_);
    check();
    if (full) throw Error(ErrorKind::busy, "16 scripts wait");
    const std::string name = "j" + std::to_string(jobs_.size() + 1);
    Job& job = jobs_[name];
    job.spec = std::move(spec);
    job.status.job = name;
    job.status.name = job.spec.name;
    job.status.owner = job.spec.owner;
    job.status.state = "queued";
    return job.status;
  }
  int cancel(const std::string& name, const std::string& reason, bool force) override {
    const std::lock_guard lock(mutex_);
    Job& job = find(name);
    job.stop_reason = reason;
    job.status.state = "cancelling";
    job.status.stage = force ? 2 : job.status.stage + 1;
    return job.status.stage;
  }
  std::vector<ScriptStatus> list() const override {
    const std::lock_guard lock(mutex_);
    std::vector<ScriptStatus> all;
    for (const auto& [name, job] : jobs_) all.push_back(job.status);
    return all;
  }
  ScriptStatus status(const std::string& name) const override {
    const std::lock_guard lock(mutex_);
    return find(name).status;
  }
  std::vector<ScriptChunk> output(const std::string& name, std::uint64_t from,
                                  std::size_t max_bytes) const override {
    const std::lock_guard lock(mutex_);
    std::vector<ScriptChunk> found;
    std::size_t bytes = 0;
    for (const ScriptChunk& chunk : find(name).chunks) {
      if (chunk.seq < from) continue;
      bytes += chunk.text.size();
      if (bytes > max_bytes && !found.empty()) break;
      found.push_back(chunk);
    }
    return found;
  }
  void input(const std::string& name, const std::optional<std::string>& line) override {
    const std::lock_guard lock(mutex_);
    Job& job = find(name);
    if (!job.spec.has_stdin) throw Error(ErrorKind::conflict, "it reads nothing", "args.job");
    job.lines.push_back(line);
    job.status.wants_input = false;
  }
  void progress(const std::string& name, double fraction, const std::string& text) override {
    const std::lock_guard lock(mutex_);
    find(name).status.progress = fraction;
    find(name).status.progress_text = text;
  }
  double extend_grace(const std::string& name, double seconds) override {
    const std::lock_guard lock(mutex_);
    return find(name).status.stage == 1 ? seconds : 0;
  }
  PythonHealth health() const override {
    const std::lock_guard lock(mutex_);
    return health_;
  }
  void listen(std::function<void(const std::string& job)> changed) override {
    const std::lock_guard lock(mutex_);
    changed_ = std::move(changed);
  }

  // --- what a test does to it

  void change(const std::string& name, const std::function<void(ScriptStatus&)>& what) {
    {
      const std::lock_guard lock(mutex_);
      what(find(name).status);
    }
    tell(name);
  }
  void print(const std::string& name, const std::string& text,
             const std::string& stream = "stdout") {
    {
      const std::lock_guard lock(mutex_);
      Job& job = find(name);
      job.chunks.push_back({job.status.out_to++, stream, 0.5, text});
    }
    tell(name);
  }
  void end(const std::string& name, const std::string& outcome = "ok", int code = 0) {
    change(name, [&](ScriptStatus& status) {
      status.state = "done";
      status.outcome = outcome;
      status.exit_code = code;
    });
  }
  void forget(const std::string& name) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.erase(name);
    }
    tell(name);
  }
  void set_health(PythonHealth health) {
    {
      const std::lock_guard lock(mutex_);
      health_ = std::move(health);
    }
    tell("");
  }
  ScriptSpec spec(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return find(name).spec;
  }
  std::string stop_reason(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return find(name).stop_reason;
  }
  std::vector<std::optional<std::string>> lines(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return find(name).lines;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
  }
  void tell(const std::string& name) const {
    std::function<void(const std::string&)> changed;
    {
      const std::lock_guard lock(mutex_);
      changed = changed_;
    }
    if (changed) changed(name);
  }

  bool full = false;

 private:
  struct Job {
    ScriptSpec spec;
    ScriptStatus status;
    std::string stop_reason;
    std::vector<ScriptChunk> chunks;
    std::vector<std::optional<std::string>> lines;
  };
  void check() const {
    if (health_.plane == "failed") throw Error(ErrorKind::unsupported, health_.reason);
  }
  Job& find(const std::string& name) { return const_cast<Job&>(std::as_const(*this).find(name)); }
  const Job& find(const std::string& name) const {
    const auto found = jobs_.find(name);
    if (found == jobs_.end())
      throw Error(ErrorKind::not_found, "no job '" + name + "'", "args.job");
    return found->second;
  }

  mutable std::mutex mutex_;
  std::map<std::string, Job> jobs_;  // Guarded by mutex_.
  PythonHealth health_{"idle", "", "3.11.2", "2.13.0", "/usr/bin/python3",
                       "",     ""};                  // Guarded by mutex_.
  std::function<void(const std::string&)> changed_;  // Guarded by mutex_.
};

}  // namespace atheria::testing
