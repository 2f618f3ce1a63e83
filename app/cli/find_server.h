#pragma once

#include <string>

namespace atheria::cli {

// Where a server is and what lets one in.
struct Door {
  std::string url;  // "http://127.0.0.1:8765"
  std::string token;
  bool local = false;  // found on this machine: its paths are ours
};

// The server meant: the one named, with ATHERIA_TOKEN or its runtime file's token; else the newest
// on this machine. Throws Error (io) when there is none, or no token for it.
Door find_server(const std::string& url);

// "http://127.0.0.1:8765/x" -> "127.0.0.1" and "8765". Throws Error (bad_args).
struct Target {
  std::string host;  // an IPv6 address keeps its brackets
  std::string port;

  std::string address() const;  // without brackets
};
Target parse_url(const std::string& url);

}  // namespace atheria::cli
