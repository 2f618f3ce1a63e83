#pragma once

#include <chrono>
#include <cstdint>

namespace atheria {

// Microseconds of a clock that never jumps. Its zero is arbitrary.
inline std::uint64_t now_us() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace atheria
