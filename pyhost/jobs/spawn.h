#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace atheria::jobs {

// A pipe whose ends close themselves, and which no child inherits unasked.
struct Pipe {
  int read = -1;
  int write = -1;

  Pipe();  // throws Error (io)
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_read();
  void close_write();
};

// What exec and spawn take: pointers into the texts, which must outlive them, and a null at the end.
std::vector<char*> pointers(const std::vector<std::string>& texts);

struct Streams {
  int in = -1;  // -1: /dev/null
  int out = -1;
  int err = -1;
};

// Starts a program, looked up in PATH unless it has a slash, with the signals a program expects,
// whatever this process blocks or ignores. `environment` empty: this process's. Throws Error (io).
pid_t spawn(const std::vector<std::string>& command, const Streams& streams,
            const std::vector<std::string>& environment = {}, bool own_group = false);

}  // namespace atheria::jobs
