#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "app/server/options.h"

namespace atheria::server {

// What one client sends in parts, until an op takes it. Memory follows what came, not what was
// announced. Policy only. I/O thread only.
class Uploads {
 public:
  explicit Uploads(const Limits& limits) : limits_(limits) {}

  // A binary message. Throws Error when it breaks the rules of PROTOCOL.md: the client is closed.
  void add(std::span<const std::uint8_t> message);

  // The whole of one, which is gone then. Throws Error: bad_args when it is not all there,
  // too_large when it was too large to be kept.
  std::vector<std::uint8_t> take(std::uint32_t upload);

  std::size_t count() const { return open_.size(); }
  std::size_t bytes() const;  // that take memory

 private:
  struct Open {
    std::uint64_t total = 0;
    std::uint64_t came = 0;
    bool refused = false;  // its bytes are not kept
    std::vector<std::uint8_t> bytes = {};
  };
  Open& begin(std::uint32_t upload, std::uint64_t total);
  std::uint64_t announced() const;

  const Limits& limits_;
  std::map<std::uint32_t, Open> open_;
};

}  // namespace atheria::server
