#include "app/bench/own_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>

#include "app/cli/machine.h"
#include "app/protocol/json_text.h"
#include "engine/base/error.h"

extern char** environ;

namespace atheria::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kStartMs = 60'000;
constexpr int kStopTries = 200;  // of 50 ms: an ordered stop may take seconds

std::string new_folder() {
  std::string name = (fs::temp_directory_path() / "atheria-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw Error(ErrorKind::io, fmt::format("cannot make '{}': {}", name, std::strerror(errno)));
  return name;
}

// Ours without what configures servers, and with another place for its runtime file.
std::vector<std::string> environment_for(const std::string& folder) {
  std::vector<std::string> variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view one(*at);
    if (!one.starts_with("ATHERIA_") && !one.starts_with("XDG_RUNTIME_DIR="))
      variables.emplace_back(one);
  }
  variables.push_back("XDG_RUNTIME_DIR=" + folder);
  return variables;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> list;
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

}  // namespace

OwnServer::OwnServer(std::vector<std::string> flags) : folder_(new_folder()) {
  std::vector<std::string> command{cli::program_beside("atheria-server"), "--port", "0",
                                   "--ready-json"};
  for (std::string& flag : flags) command.push_back(std::move(flag));
  try {
    start(command);
    const auto ready = wire::parse_json(first_line()).as_object();
    door_ = {std::string(ready.at("http").as_string()), std::string(ready.at("token").as_string()),
             true};
  } catch (...) {
    stop();
    throw;
  }
}

void OwnServer::start(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error(ErrorKind::io, "no pipe to the server");
  out_ = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, folder_.c_str());
  const std::vector<std::string> variables = environment_for(folder_);
  const int failed = posix_spawn(&pid_, command[0].c_str(), &actions, nullptr,
                                 pointers(command).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed == 0) return;
  pid_ = 0;
  throw Error(ErrorKind::io, fmt::format("cannot start '{}': {}; ./ath build makes it", command[0],
                                         std::strerror(failed)));
}

std::string OwnServer::first_line() {
  std::string text;
  char letter = 0;
  pollfd readable{out_, POLLIN, 0};
  while (poll(&readable, 1, kStartMs) > 0 && read(out_, &letter, 1) == 1 && letter != '\n')
    text += letter;
  if (letter != '\n')
    throw Error(ErrorKind::io, "the server did not start: see what it said above");
  return text;
}

OwnServer::~OwnServer() { stop(); }

void OwnServer::stop() {
  if (pid_ != 0) {
    kill(pid_, SIGTERM);
    int tries = 0;
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (++tries == kStopTries) kill(pid_, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  if (out_ >= 0) close(out_);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::map<int, ThreadTime> OwnServer::threads() const {
  std::map<int, ThreadTime> times;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/task", pid_), error)) {
    std::ifstream file(entry.path() / "schedstat");
    double worked = 0, queued = 0;  // nanoseconds
    if (file >> worked >> queued)
      times[std::atoi(entry.path().filename().c_str())] = {worked * 1e-9, queued * 1e-9};
  }
  return times;
}

}  // namespace atheria::bench
