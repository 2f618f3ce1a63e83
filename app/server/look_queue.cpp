#include "app/server/look_queue.h"

#include <utility>

#include "engine/run/field_bytes.h"

namespace atheria::server {

command::Hook LookQueue::hook(std::uint64_t id) {
  // Dies with the hook: on the world's thread, or with the world.
  struct End {
    explicit End(std::shared_ptr<LookQueue> of) : queue(std::move(of)) {}
    ~End() { queue->end(); }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    std::shared_ptr<LookQueue> queue;
  };
  return {id, wish_.every, [end = std::make_shared<End>(shared_from_this())](Simulation& world) {
            return end->queue->take(world);
          }};
}

bool LookQueue::take(const Simulation& world) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
  }
  const Standing now = standing_of(world);
  auto channels = wish_.channels.empty() ? now.channels : wish_.channels;
  auto field = read_channels(world, channels);  // copies outside the lock
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t most = wish_.keep == wire::Keep::all ? wish_.most : 1;
    looks_.push_back({now.step, std::move(channels), std::move(field)});
    while (looks_.size() > most) {
      looks_.pop_front();
      ++dropped_;
    }
    full = wish_.keep == wire::Keep::all && looks_.size() == most;
  }
  if (full && wish_.pauses) pause();
  ring_();
  return true;
}

// Takes effect before the next step. Steps that were asked for are cancelled by it; a world that
// plays is played again when there is room.
void LookQueue::pause() {
  post_({command::Describe{}, [self = shared_from_this()](const Outcome& outcome) {
           const auto* const state = std::get_if<WorldState>(&outcome.data);
           {
             const std::lock_guard lock(self->mutex_);
             if (state != nullptr && state->spec.playing) self->play_after_ = true;
           }
           self->ring_();
         }});
  post_({.body = command::Pause{}});
}

bool LookQueue::ready() const {
  const std::lock_guard lock(mutex_);
  return !looks_.empty() || ended_ || closed_;
}

bool LookQueue::finished() const {
  const std::lock_guard lock(mutex_);
  return closed_ || (ended_ && looks_.empty());
}

std::optional<Look> LookQueue::next() {
  const std::lock_guard lock(mutex_);
  if (looks_.empty()) return std::nullopt;
  Look look = std::move(looks_.front());
  looks_.pop_front();
  return look;
}

bool LookQueue::wants_play() {
  const std::lock_guard lock(mutex_);
  if (!play_after_ || 2 * looks_.size() > wish_.most) return false;
  play_after_ = false;
  return true;
}

std::uint64_t LookQueue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

std::size_t LookQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return looks_.size();
}

void LookQueue::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ring_();
}

void LookQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  looks_.clear();
}

}  // namespace atheria::server
