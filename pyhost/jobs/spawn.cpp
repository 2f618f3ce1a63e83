#include "pyhost/jobs/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/error.h"

extern char** environ;

namespace atheria::jobs {
namespace {

// What the child's three streams are.
class Actions {
 public:
  explicit Actions(const Streams& streams) {
    posix_spawn_file_actions_init(&actions_);
    add(streams.in, STDIN_FILENO, O_RDONLY);
    add(streams.out, STDOUT_FILENO, O_WRONLY);
    add(streams.err, STDERR_FILENO, O_WRONLY);
  }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void add(int from, int to, int mode) {
    if (from >= 0)
      posix_spawn_file_actions_adddup2(&actions_, from, to);
    else
      posix_spawn_file_actions_addopen(&actions_, to, "/dev/null", mode, 0);
  }
  posix_spawn_file_actions_t actions_;
};

// No signal blocked, none ignored.
class Attributes {
 public:
  explicit Attributes(bool own_group) {
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (own_group) flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

}  // namespace

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

Pipe::Pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error(ErrorKind::io, fmt::format("no pipe to a child process: {}", std::strerror(errno)));
  read = ends[0];
  write = ends[1];
}

Pipe::~Pipe() {
  close_read();
  close_write();
}

void Pipe::close_read() {
  if (read >= 0) ::close(std::exchange(read, -1));
}

void Pipe::close_write() {
  if (write >= 0) ::close(std::exchange(write, -1));
}

pid_t spawn(const std::vector<std::string>& command, const Streams& streams,
            const std::vector<std::string>& environment, bool own_group) {
  const Actions actions(streams);
  const Attributes attributes(own_group);
  const auto words = pointers(command);
  const auto variables = pointers(environment);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, words[0], actions.get(), attributes.get(), words.data(),
                                  environment.empty() ? environ : variables.data());
  if (failed != 0)
    throw Error(ErrorKind::io,
                fmt::format("cannot start '{}': {}", command[0], std::strerror(failed)));
  return child;
}

}  // namespace atheria::jobs
