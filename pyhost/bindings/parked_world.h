#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "engine/run/command.h"
#include "engine/run/simulation.h"

namespace atheria::pyhost {

// A world that stands still, as the world's thread and Python's threads share it.
class ParkedWorld : public std::enable_shared_from_this<ParkedWorld> {
 public:
  explicit ParkedWorld(std::uint64_t id) : id_(id) {}

  // What the world is asked. After `for_us` it ends by itself. `ended` is called
  // last, on the world's thread, with the reason.
  command::Park park(const std::string& owner, std::uint64_t for_us,
                     std::function<void(const std::string& why)> ended = {});

  std::uint64_t id() const { return id_; }
  // Any thread, without the GIL. What is asked of one that has ended throws Error (conflict).
  std::string why() const;  // empty: it stands
  std::uint64_t step() const;
  double time() const;
  at::Tensor field(const std::string& channel);  // for Python alone; empty: all
  void before_steps();
  void after_steps();
  // Nobody waits for it any more: when the world gets to it, it does not begin.
  void give_up();

 private:
  void enter(Simulation& world);
  void leave(Simulation& world, const std::string& why);
  void check() const;  // with mutex_ held

  const std::uint64_t id_;
  mutable std::mutex mutex_;
  Simulation* world_ = nullptr;  // Guarded by mutex_, like the rest; null: not yet or not any more.
  bool given_up_ = false;
  std::string why_;
  std::uint64_t step_ = 0;
  double time_ = 0;
  at::Tensor bits_;  // the cells of bits as uint8, once asked for: written back at the end
};

// A number no other lease or hook has.
std::uint64_t fresh_id();

}  // namespace atheria::pyhost
