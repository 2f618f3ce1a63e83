#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/protocol/guests.h"
#include "engine/run/command.h"

namespace atheria::server {

// Copies of a world's channels, all of one step.
struct Look {
  std::uint64_t step = 0;
  std::vector<std::string> channels;
  FieldCopy field;  // [k,...]
};

// Looks on their way from a world's thread to a client. The world never waits for it.
class LookQueue : public std::enable_shared_from_this<LookQueue> {
 public:
  // `post` is the world's own; `ring` is called from any thread when there is news.
  LookQueue(wire::LookWish wish, std::function<void(Command)> post, std::function<void()> ring)
      : wish_(std::move(wish)), post_(std::move(post)), ring_(std::move(ring)) {}

  // What the world is asked. When it is deleted or the hook taken off, the looks end.
  command::Hook hook(std::uint64_t id);

  // The I/O thread's side.
  bool ready() const;     // there is one, or the end
  bool finished() const;  // no more will come
  std::optional<Look> next();
  bool wants_play();  // once: the world was paused for this queue, played before, and there is room
  std::uint64_t dropped() const;
  std::size_t waiting() const;
  void close();

 private:
  bool take(const Simulation& world);  // world's thread; false: nobody wants more
  void pause();
  void end();

  const wire::LookWish wish_;
  const std::function<void(Command)> post_;
  const std::function<void()> ring_;
  mutable std::mutex mutex_;
  std::deque<Look> looks_;  // Guarded by mutex_, like the rest.
  std::uint64_t dropped_ = 0;
  bool play_after_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace atheria::server
