#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/run/runner.h"

namespace atheria {

// The worlds of a server, by name. Any thread.
class Worlds {
 public:
  // The sink must outlive this. At most `limit` worlds, and `memory_limit` bytes of fields (0:
  // what the machine has).
  explicit Worlds(FrameSink& sink, std::size_t limit = 64, std::size_t memory_limit = 0);
  ~Worlds();

  // Throws Error: the name is taken or not [A-Za-z0-9_.-]{1,64}, the spec is wrong, a limit is
  // reached.
  std::shared_ptr<Runner> create(const WorldSpec& spec);
  std::shared_ptr<Runner> resume(const Checkpoint& from);  // the same for one that was

  // Throws Error (not_found) listing the names that exist.
  std::shared_ptr<Runner> find(const std::string& name) const;

  // Joins the world's thread before it returns: up to one step of it.
  void remove(const std::string& name);

  // In the order they were made.
  std::vector<WorldState> states() const;

  // Stops all, newest first.
  void clear();

 private:
  template <class From>
  std::shared_ptr<Runner> add(const WorldSpec& spec, const From& from);

  FrameSink& sink_;
  std::size_t limit_;
  std::size_t memory_limit_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<Runner>>> worlds_;  // Guarded by mutex_.
};

}  // namespace atheria
