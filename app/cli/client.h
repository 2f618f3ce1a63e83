#pragma once

#include <chrono>
#include <string>

namespace atheria::cli {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// One HTTP request to a server of ours; `url` as "http://HOST:PORT". Blocks, at most `limit`.
// Throws Error (io) when nobody answers there.
HttpAnswer http_request(const std::string& method, const std::string& url, const std::string& path,
                        const std::string& token,
                        std::chrono::milliseconds limit = std::chrono::milliseconds(5000));

}  // namespace atheria::cli
