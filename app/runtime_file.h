#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// How commands on this machine find a running server: a file of its owner's, there as long as the
// server is.
namespace atheria {

struct RunningServer {
  std::string url;    // "http://127.0.0.1:8765"
  std::string token;  // admin
  int pid = 0;
  std::string version;
};

// ${XDG_RUNTIME_DIR:-~/.local/state}/atheria
std::string runtime_folder();

// Where notebooks attach to the server on that port.
std::string kernel_socket(const std::string& port);

// Makes it where it is missing, for its owner alone. Throws Error (io).
void make_runtime_folder();

// A file nobody else may read, not even for a moment; a reader sees all of it or nothing. Throws
// Error (io).
void write_private(const std::string& path, const std::string& text);

// Writes server-PORT.json, mode 0600, and removes it at the end. Throws Error (io) when the folder
// cannot be used.
class RuntimeFile {
 public:
  RuntimeFile(std::uint16_t port, const RunningServer& server);
  ~RuntimeFile();
  RuntimeFile(const RuntimeFile&) = delete;
  RuntimeFile& operator=(const RuntimeFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Those whose process is alive, newest first.
std::vector<RunningServer> running_servers();

}  // namespace atheria
