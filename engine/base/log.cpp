#include "engine/base/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>

namespace atheria::log {
namespace {

std::atomic<Level> lowest{Level::info};

const char* name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info ";
    case Level::warning:
      return "warn ";
    case Level::error:
      return "error";
  }
  return "?";
}

}  // namespace

void set_level(Level level) { lowest = level; }

void write(Level level, std::string_view message) {
  if (level < lowest.load(std::memory_order_relaxed)) return;
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(now);
  const auto line = fmt::format("{:%H:%M:%S}.{:03} {} {}\n", fmt::gmtime(seconds),
                                (now - seconds).count(), name_of(level), message);
  // One fwrite per line: stdio locks the stream, so lines of several threads stay whole.
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace atheria::log
