#pragma once

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace atheria {

// How this process was started: program, arguments, variables, folder, signals. What scripts in it
// change of these does not matter to the process it becomes.
class Launch {
 public:
  // First thing in main(), before there is a second thread.
  Launch(int argc, char** argv);
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  const std::string& program() const { return program_; }
  std::vector<std::string> arguments() const { return {arguments_.begin() + 1, arguments_.end()}; }

  // This process becomes the same program, started the same way but for one more variable: same
  // number, no other thread, no child, no file but the three streams. Throws Error (io); only then it
  // returns.
  [[noreturn]] void again(const std::string& variable, const std::string& value) const;

 private:
  std::string program_;
  std::vector<std::string> arguments_;
  std::vector<std::string> variables_;
  int folder_ = -1;
  mode_t file_mask_ = 0;
  sigset_t blocked_ = {};
  std::vector<int> ignored_;
};

}  // namespace atheria
