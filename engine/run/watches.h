#pragma once

#include <cstdint>
#include <vector>

#include "engine/run/command.h"

namespace atheria {

// Who looks at a world, and when the next look is due. Times are now_us() of the caller. Not
// thread-safe.
class Watches {
 public:
  struct Watch {
    command::Watch what;
    bool dirty = true;  // the picture changed by other means than stepping, or was never made
    std::uint64_t seen_step = 0;  // of the last picture
    std::uint64_t next_us = 0;    // not before this
  };

  void put(const command::Watch& what);  // new, or in place of the one with its id
  void remove(std::uint64_t id);
  bool empty() const { return all_.empty(); }
  void touch();  // all pictures are stale

  // How many steps the world may take before it must stop for a look; at least 1. 0 means no bound.
  std::uint64_t until_boundary(std::uint64_t step, const Pace& pace, std::uint64_t now) const;

  // The ones to draw now. Mark each with drawn() afterwards.
  std::vector<Watch*> due(std::uint64_t step, const Pace& pace, std::uint64_t now);
  static void drawn(Watch& watch, std::uint64_t step, const Pace& pace, std::uint64_t now);

  // When a stale picture may be drawn while the world stands still; 0 when none is stale.
  std::uint64_t next_stale_us() const;

  bool needs_previous() const;  // one of them shows change

 private:
  std::vector<Watch> all_;
};

}  // namespace atheria
