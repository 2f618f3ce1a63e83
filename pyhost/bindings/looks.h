#pragma once

#include <torch/types.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/look_queue.h"
#include "engine/run/runner.h"

namespace atheria::pyhost {

// Copies of a world's channels, all of one step.
struct Look {
  std::uint64_t step = 0;
  double time = 0;
  std::vector<std::pair<std::string, at::Tensor>> channels;
};

// Looks of a world for a thread of Python's that waits for them.
class Looks {
 public:
  // The channels by name, all that the world has then if there are none. `runner` is the world's.
  static std::shared_ptr<Looks> of(Runner& runner, LookRules rules,
                                   std::vector<std::string> channels);

  LookQueue<Look>& queue() { return *queue_; }
  bool ready() const { return queue_->ready() || queue_->may_play(); }

  std::mutex mutex;  // guards nothing: to wait for `changed`
  std::condition_variable changed;

 private:
  void ring();

  std::shared_ptr<LookQueue<Look>> queue_;
};

}  // namespace atheria::pyhost
