#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/run/command.h"

namespace atheria {

// Who is called at certain steps. World's thread only.
class Hooks {
 public:
  void put(const command::Hook& hook);  // new, or in place of the one with its id
  void remove(std::uint64_t id);

  // How many steps the world may take before it must stop for a hook. 0: no bound.
  std::uint64_t until_boundary(std::uint64_t step) const;

  bool due(std::uint64_t step) const;

  // Calls those whose step this is. One that returns false or throws is gone; what was thrown is
  // returned, for the log.
  std::vector<std::string> call(Simulation& simulation, std::uint64_t step);

 private:
  std::vector<command::Hook> all_;
};

}  // namespace atheria
