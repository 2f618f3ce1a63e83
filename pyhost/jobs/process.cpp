#include "pyhost/jobs/process.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "app/protocol/json_text.h"
#include "engine/base/error.h"
#include "pyhost/jobs/spawn.h"

extern char** environ;

namespace atheria::jobs {
namespace {

constexpr int kLookMs = 20;      // for lines to hand on to its input
constexpr int kEndLookMs = 200;  // for its end

struct Pipes {
  Pipe in, out, err;
};

// A stream in pieces, given on in whole characters.
class Stream {
 public:
  Stream(Board& board, std::string job, const char* name)
      : board_(board), job_(std::move(job)), name_(name) {}
  void add(const char* bytes, std::size_t count) {
    pending_.append(bytes, count);
    const std::size_t whole = whole_characters(pending_);
    board_.write(job_, name_, std::string_view(pending_).substr(0, whole));
    pending_.erase(0, whole);
  }
  void end() { board_.write(job_, name_, pending_); }

 private:
  // Leaves at most three bytes of a character that is not all there yet.
  static std::size_t whole_characters(const std::string& text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
      const auto byte = static_cast<unsigned char>(text[text.size() - back]);
      if ((byte & 0xC0) == 0x80) continue;
      const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
      return length > back ? text.size() - back : text.size();
    }
    return text.size();
  }

  Board& board_;
  const std::string job_;
  const char* const name_;
  std::string pending_;
};

JobReport report_of(int status, const rusage& usage) {
  JobReport report;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  report.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  if (WIFEXITED(status)) {
    report.exit_code = WEXITSTATUS(status);
    report.outcome = report.exit_code == 0 ? "ok" : report.exit_code == 1 ? "error" : "exit";
    return report;
  }
  const int number = WTERMSIG(status);
  const std::string what =
      fmt::format("its process was ended by signal {} ({})", number, strsignal(number));
  report.exit_code = 128 + number;
  report.outcome = "lost";
  report.failure = ScriptFailure{"ProcessEnded", what, what, {}};
  return report;
}

// What the worker wrote about the exception that ended the script, if one did.
std::optional<ScriptFailure> read_failure(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  try {
    const auto told = boost::json::parse(text).as_object();
    const auto text_at = [&](const char* key) { return std::string(told.at(key).as_string()); };
    ScriptFailure failure{text_at("type"), text_at("message"), text_at("text"), {}};
    for (const auto& frame : told.at("frames").as_array())
      failure.frames.push_back({std::string(frame.at("file").as_string()),
                                static_cast<int>(frame.at("line").to_number<std::int64_t>()),
                                std::string(frame.at("function").as_string())});
    return failure;
  } catch (const std::exception&) {
    return std::nullopt;  // there was none, or the script wrote something there
  }
}

// One line of input, if there is one and the child still wants any.
void hand_on_line(Board& board, const std::string& job, Pipe& in) {
  if (in.write < 0) return;
  const auto line = board.read_line(job, "", false, std::chrono::milliseconds(0));
  if (!line.ready) return;
  const std::string text = line.text ? *line.text + "\n" : "";
  if (!line.text || write(in.write, text.data(), text.size()) < 0) in.close_write();
}

bool has_exited(pid_t child) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child;
}

// Output to the board and lines from it, until the child has closed both its streams, or has ended
// and left them to a program that lives on.
void pump(Board& board, const std::string& job, Pipes& pipes, pid_t child) {
  Stream out(board, job, "stdout"), err(board, job, "stderr");
  std::array<pollfd, 2> ends{{{pipes.out.read, POLLIN, 0}, {pipes.err.read, POLLIN, 0}}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const int ready = poll(ends.data(), ends.size(), pipes.in.write >= 0 ? kLookMs : kEndLookMs);
    if (ready < 0 && errno != EINTR) break;
    if (ready == 0 && has_exited(child)) break;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char bytes[16384];
      const auto count = read(ends[i].fd, bytes, sizeof bytes);
      if (count > 0)
        (i == 0 ? out : err).add(bytes, static_cast<std::size_t>(count));
      else
        ends[i].fd = -1;
    }
    hand_on_line(board, job, pipes.in);
  }
  out.end();
  err.end();
}

}  // namespace

Processes::Processes(Options options, Board& board) : options_(std::move(options)), board_(board) {
  board_.attach(static_cast<Launcher*>(this));
}

Processes::~Processes() {
  board_.attach(static_cast<Launcher*>(nullptr));
  std::unique_lock lock(mutex_);
  for (const auto& [job, pid] : pids_) ::kill(-pid, SIGKILL);
  ended_.wait(lock, [this] { return threads_ == 0; });
}

void Processes::launch(const std::string& job, const ScriptSpec& spec) {
  {
    const std::lock_guard lock(mutex_);
    ++threads_;
  }
  std::thread([this, job, spec] {
    try {
      run(job, spec);
    } catch (const std::exception& error) {
      board_.done(job,
                  {"error", 1, ScriptFailure{"HostError", error.what(), error.what(), {}}, {}, {}});
    }
    const std::lock_guard lock(mutex_);
    --threads_;
    ended_.notify_all();
  }).detach();
}

std::vector<std::string> Processes::environment(const std::string& job,
                                                const ScriptSpec& spec) const {
  std::vector<std::string> all;
  for (char** one = environ; *one != nullptr; ++one)
    if (!std::string_view(*one).starts_with("PYTHONPATH=") &&
        !std::string_view(*one).starts_with("ATHERIA_"))
      all.emplace_back(*one);
  all.push_back("PYTHONPATH=" + options_.package);
  all.push_back("PYTHONUNBUFFERED=1");
  all.push_back("PYTHONUTF8=1");
  all.push_back("ATHERIA_SERVER=" + options_.url);
  all.push_back("ATHERIA_TOKEN=" + options_.token);
  all.push_back("ATHERIA_JOB=" + job);
  all.push_back("ATHERIA_JOB_WORLD=" + spec.world);
  all.push_back("ATHERIA_SCRIPT=" + spec.path);
  all.push_back("ATHERIA_FAILURE=" + board_.folder_of(job) + "/failure.json");
  return all;
}

void Processes::run(const std::string& job, const ScriptSpec& spec) {
  if (!board_.started(job)) return;
  Pipes pipes;
  const std::string folder = board_.folder_of(job);
  std::vector<std::string> command{options_.executable, "-m", "atheria.worker",
                                   folder + "/script.py"};
  command.insert(command.end(), spec.argv.begin(), spec.argv.end());
  const pid_t child = spawn(command, {pipes.in.read, pipes.out.write, pipes.err.write},
                            environment(job, spec), true);
  pipes.in.close_read();
  pipes.out.close_write();
  pipes.err.close_write();
  if (!spec.has_stdin) pipes.in.close_write();
  {
    const std::lock_guard lock(mutex_);
    pids_[job] = child;
  }
  if (const auto reason = board_.stop_reason(job))
    stop(job, *reason);  // it came while this was starting
  pump(board_, job, pipes, child);
  int status = 0;
  rusage usage{};
  while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  {
    const std::lock_guard lock(mutex_);
    pids_.erase(job);
  }
  ::kill(-child, SIGKILL);  // what it started and left
  JobReport report = report_of(status, usage);
  if (!report.failure) report.failure = read_failure(folder + "/failure.json");
  board_.done(job, report);
}

void Processes::signal(const std::string& job, int number, bool whole_group) {
  const std::lock_guard lock(mutex_);
  const auto found = pids_.find(job);
  if (found != pids_.end()) ::kill(whole_group ? -found->second : found->second, number);
}

void Processes::stop(const std::string& job, const std::string&) { signal(job, SIGINT, false); }

void Processes::kill(const std::string& job) { signal(job, SIGKILL, true); }

}  // namespace atheria::jobs
