#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "engine/run/command.h"

namespace atheria {

// Who holds a world that stands still, and what waits until it goes on. World's thread only. Times
// are now_us().
class Lease {
 public:
  static constexpr std::size_t kMostDeferred = 4096;

  bool held() const { return park_.has_value(); }
  std::string owner() const { return held() ? park_->owner : ""; }
  std::uint64_t until_us() const { return held() ? since_us_ + park_->for_us : 0; }

  // Throws Error (busy) when another holds `world`.
  void begin(const command::Park& park, const std::string& world, std::uint64_t now);

  // Throws Error unless this one is held: conflict when it has ended, not_found when it never was.
  void expect(std::uint64_t lease, const std::string& world) const;

  // The end: what was to be done before the world goes on.
  command::Park end(const std::string& why);

  // "expired after 2 s"
  std::string expired() const;

  // True when a command must wait for the end of the lease: it reads or writes the field.
  static bool touches_field(const CommandBody& body);

  // Commands that wait, in order. Throws Error (busy) when too many do, and then takes nothing.
  void defer(Command&& command);
  std::optional<Command> next_deferred();

 private:
  struct Ended {
    std::uint64_t lease;
    std::string why;
  };

  std::optional<command::Park> park_;
  std::uint64_t since_us_ = 0;
  std::deque<Ended> ended_;  // the last few, to tell their holders why
  std::deque<Command> deferred_;
};

}  // namespace atheria
