#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "engine/base/locks.h"
#include "engine/run/command.h"

namespace atheria {

struct LookRules {
  std::uint32_t every = 1;  // at steps divisible by it
  std::size_t most = 1;     // may wait; the oldest goes when there are more
  bool pauses = false;      // when so many wait the world is paused, until half of them are taken
};

// Looks (copies of a world, all of one step) on their way from its thread to somebody else's. The
// world never waits for it. Any thread.
template <class Look>
class LookQueue : public std::enable_shared_from_this<LookQueue<Look>> {
 public:
  // `copy` runs on the world's thread, `post` is the world's own, `ring` is called from any thread
  // when there is news, with no lock held.
  LookQueue(LookRules rules, std::function<Look(Simulation&)> copy,
            std::function<void(Command)> post, std::function<void()> ring)
      : rules_(rules), copy_(std::move(copy)), post_(std::move(post)), ring_(std::move(ring)) {}

  // What the world is asked. When it is deleted or the hook taken off, the looks end.
  command::Hook hook(std::uint64_t id) {
    return {id, rules_.every,
            [end = std::make_shared<End>(this->shared_from_this())](Simulation& world) {
              return end->queue->take(world);
            }};
  }

  bool ready() const {  // there is one, or the end
    const Locked lock(mutex_);
    return !looks_.empty() || ended_ || closed_;
  }
  bool finished() const {  // no more will come
    const Locked lock(mutex_);
    return closed_ || (ended_ && looks_.empty());
  }
  // The world was paused for this queue, played before, and there is room.
  bool may_play() const {
    const Locked lock(mutex_);
    return has_room();
  }
  bool wants_play() {  // the same, once
    const Locked lock(mutex_);
    return has_room() && std::exchange(play_after_, false);
  }
  std::uint64_t dropped() const {
    const Locked lock(mutex_);
    return dropped_;
  }
  std::size_t waiting() const {
    const Locked lock(mutex_);
    return looks_.size();
  }

  std::optional<Look> next() {
    const Locked lock(mutex_);
    if (looks_.empty()) return std::nullopt;
    Look look = std::move(looks_.front());
    looks_.pop_front();
    return look;
  }

  void close() {
    {
      const Locked lock(mutex_);
      closed_ = true;
      looks_.clear();
    }
    ring_();
  }

 private:
  // Dies with the hook: on the world's thread, or with the world.
  struct End {
    explicit End(std::shared_ptr<LookQueue> of) : queue(std::move(of)) {}
    ~End() { queue->end(); }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    std::shared_ptr<LookQueue> queue;
  };

  bool has_room() const { return play_after_ && 2 * looks_.size() <= rules_.most; }

  bool closed() const {
    const Locked lock(mutex_);
    return closed_;
  }

  // World's thread; false: nobody wants more.
  bool take(Simulation& world) {
    if (closed()) return false;
    if (add(copy_(world)) && rules_.pauses) pause();
    ring_();
    return true;
  }

  bool add(Look look) {  // true: it is full
    const Locked lock(mutex_);
    looks_.push_back(std::move(look));
    for (; looks_.size() > rules_.most; ++dropped_) looks_.pop_front();
    return looks_.size() == rules_.most;
  }

  // Takes effect before the next step. Steps that were asked for are cancelled by it; a world that
  // plays is played again when there is room.
  void pause() {
    post_({command::Describe{}, [self = this->shared_from_this()](const Outcome& outcome) {
             const auto* const state = std::get_if<WorldState>(&outcome.data);
             if (state == nullptr || !state->spec.playing) return;
             {
               const Locked lock(self->mutex_);
               self->play_after_ = true;
             }
             self->ring_();
           }});
    post_({.body = command::Pause{}});
  }

  void end() {
    {
      const Locked lock(mutex_);
      ended_ = true;
    }
    ring_();
  }

  const LookRules rules_;
  const std::function<Look(Simulation&)> copy_;
  const std::function<void(Command)> post_;
  const std::function<void()> ring_;
  mutable std::mutex mutex_;
  std::deque<Look> looks_;  // Guarded by mutex_, like the rest.
  std::uint64_t dropped_ = 0;
  bool play_after_ = false, ended_ = false, closed_ = false;
};

}  // namespace atheria
