#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/run/command.h"

namespace atheria {

// Many small worlds, stepped together without threads of their own: each goes through all the steps
// of a call on one core, in whose caches it fits, instead of being shared among the cores step by
// step. Every world gives the bits it gives alone.
//
// Not thread-safe. For laws of this process: one that waits for Python would make the others wait.
class Batch {
 public:
  // Throws Error like Runner, with the place of the world that cannot be.
  explicit Batch(const std::vector<WorldSpec>& specs);
  ~Batch();

  std::size_t size() const;

  // Each world so many steps on. Throws Error (internal) with the place of the first world whose law
  // failed; the others are done.
  void advance(std::uint32_t steps);

  // Of one world; `world` is below size().
  const WorldSpec& spec(std::size_t world) const;
  std::uint64_t step(std::size_t world) const;
  FieldCopy read(std::size_t world, const std::string& channel = "*") const;
  std::vector<double> measure(std::size_t world) const;        // LawInfo::measures in order
  void set_params(std::size_t world, const ParamMap& params);  // throws Error, changing nothing

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atheria
