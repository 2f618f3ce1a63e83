#pragma once

#include <torch/types.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/runner.h"
#include "engine/run/simulation.h"

namespace atheria::pyhost {

// Copies of a world's channels, all of one step.
struct Look {
  std::uint64_t step = 0;
  double time = 0;
  std::vector<std::pair<std::string, at::Tensor>> channels;
};

enum class OnFull { drop, pause };

struct ObserverSpec {
  std::uint32_t every = 1;
  std::vector<std::string> channels;  // empty: all that the world has then
  bool keep_all = false;              // else only the newest waits
  std::size_t max_queue = 8;          // with keep_all
  OnFull on_full = OnFull::drop;      // with keep_all: the oldest goes, or the world is paused
};

// Looks on their way from the world's thread to Python's.
class Looks : public std::enable_shared_from_this<Looks> {
 public:
  explicit Looks(ObserverSpec spec) : spec_(std::move(spec)) {}

  // World's thread; false when nobody wants more. `runner` is the world's own.
  bool take(const Simulation& world, Runner& runner);
  void end();  // no more will come

  // Python's side, under `mutex`.
  bool ready() const { return !queue_.empty() || ended_ || closed_ || may_play(); }
  bool finished() const { return closed_ || (ended_ && queue_.empty()); }
  std::optional<Look> next();
  bool wants_play();  // once

  void close();
  std::uint64_t dropped() const;

  mutable std::mutex mutex;
  std::condition_variable changed;

 private:
  void pause(Runner& runner);
  // The world was paused for this queue, was playing before, and there is room.
  bool may_play() const { return play_after_ && 2 * queue_.size() <= spec_.max_queue; }

  const ObserverSpec spec_;
  std::deque<Look> queue_;  // Guarded by mutex, like the rest.
  std::uint64_t dropped_ = 0;
  bool play_after_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

// The hook for it. When the world is deleted or the hook is taken off, the looks end.
command::Hook hook_for(const std::shared_ptr<Looks>& looks, const ObserverSpec& spec,
                       std::uint64_t id, Runner& runner);

}  // namespace atheria::pyhost
