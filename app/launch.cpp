#include "app/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/base/error.h"
#include "pyhost/jobs/spawn.h"

extern char** environ;

namespace atheria {
namespace {

using jobs::pointers;

std::vector<int> ignored_signals() {
  std::vector<int> ignored;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action{};
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      ignored.push_back(number);
  }
  return ignored;
}

// Whatever a library or a script opened without care.
void close_files_on_exec() {
  std::vector<int> open;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored))
    open.push_back(std::atoi(entry.path().filename().c_str()));
  for (const int file : open)
    if (file > STDERR_FILENO) fcntl(file, F_SETFD, FD_CLOEXEC);
}

// Workers of a script that ended with us; in a session of their own they were meant to stay. Their
// parent's number does not change, so they would not notice.
void end_children() {
  std::vector<pid_t> children;
  std::error_code ignored;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    std::ifstream list(thread.path() / "children");
    for (pid_t child = 0; list >> child;)
      if (getpgid(child) == getpgrp()) children.push_back(child);
  }
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
}

}  // namespace

Launch::Launch(int argc, char** argv)
    : arguments_(argv, argv + argc),
      folder_(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)),
      file_mask_(umask(022)),
      ignored_(ignored_signals()) {
  umask(file_mask_);
  std::error_code error;
  program_ = std::filesystem::read_symlink("/proc/self/exe", error).string();
  for (char** one = environ; *one != nullptr; ++one) variables_.emplace_back(*one);
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked_);
}

Launch::~Launch() {
  if (folder_ >= 0) close(folder_);
}

void Launch::again(const std::string& variable, const std::string& value) const {
  std::vector<std::string> variables = variables_;
  std::erase_if(variables, [&](const auto& one) { return one.starts_with(variable + "="); });
  variables.push_back(variable + "=" + value);
  if (folder_ >= 0 && fchdir(folder_) != 0)
    throw Error(ErrorKind::io, fmt::format("cannot go back to the folder this was started in: {}",
                                           std::strerror(errno)));
  umask(file_mask_);
  end_children();
  close_files_on_exec();
  // Those with a handler get their default by themselves; what is ignored would stay so.
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action{};
    const bool was = std::ranges::count(ignored_, number) > 0;
    action.sa_handler = was ? SIG_IGN : SIG_DFL;
    struct sigaction now{};
    if (sigaction(number, nullptr, &now) == 0 && (was || now.sa_handler == SIG_IGN))
      sigaction(number, &action, nullptr);
  }
  pthread_sigmask(SIG_SETMASK, &blocked_, nullptr);
  execve(program_.c_str(), pointers(arguments_).data(), pointers(variables).data());
  throw Error(ErrorKind::io,
              fmt::format("cannot start '{}' again: {}", program_, std::strerror(errno)));
}

}  // namespace atheria
