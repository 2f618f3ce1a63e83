#pragma once

#include <cstdint>

#include "engine/base/clock.h"

namespace atheria::server {

// Microseconds of a steady clock. Classes that keep time take a function, so that tests can turn
// the hands.
using Clock = std::uint64_t (*)();

constexpr std::uint64_t operator""_s(unsigned long long seconds) { return seconds * 1'000'000; }
constexpr std::uint64_t operator""_ms(unsigned long long milliseconds) {
  return milliseconds * 1000;
}

}  // namespace atheria::server
