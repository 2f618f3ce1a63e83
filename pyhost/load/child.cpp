#include "pyhost/load/child.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "engine/base/error.h"
#include "pyhost/jobs/spawn.h"

namespace atheria::pyhost {
namespace {

constexpr std::size_t kMost = 64 * 1024;

using Clock = std::chrono::steady_clock;

// Both ends at once, so that a child that fills one pipe does not stand still. False: time is over.
bool read_both(std::array<pollfd, 2> ends, std::array<std::string*, 2> texts,
               Clock::time_point until) {
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    if (poll(ends.data(), ends.size(), static_cast<int>(left)) <= 0) continue;
    for (std::size_t i = 0; i < 2; ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char bytes[4096];
      const auto count = read(ends[i].fd, bytes, sizeof bytes);
      if (count <= 0)
        ends[i].fd = -1;
      else if (texts[i]->size() < kMost)
        texts[i]->append(bytes, static_cast<std::size_t>(count));
    }
  }
  return true;
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& command, std::chrono::milliseconds limit) {
  ChildResult result;
  jobs::Pipe out, err;
  pid_t child = 0;
  try {
    child = jobs::spawn(command, {-1, out.write, err.write});
  } catch (const Error&) {
    return result;
  }
  out.close_write();
  err.close_write();
  result.late = !read_both({{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}}},
                           {&result.out, &result.err}, Clock::now() + limit);
  if (result.late) kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace atheria::pyhost
