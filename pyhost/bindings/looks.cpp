#include "pyhost/bindings/looks.h"

#include <algorithm>

#include "engine/base/locks.h"
#include "pyhost/bindings/fields.h"

namespace atheria::pyhost {
namespace {

Look look_at(const Simulation& world, const std::vector<std::string>& wanted) {
  Look look{world.step(), world.time(), {}};
  for (const auto& name : wanted.empty() ? channel_names(world.law()) : wanted)
    look.channels.emplace_back(name, copy_of(world, name).numbers);
  return look;
}

}  // namespace

bool Looks::take(const Simulation& world, Runner& runner) {
  {
    const Locked lock(mutex);
    if (closed_) return false;
  }
  auto look = look_at(world, spec_.channels);  // copies outside the lock
  bool full = false;
  {
    const Locked lock(mutex);
    const auto most = spec_.keep_all ? spec_.max_queue : 1;
    queue_.push_back(std::move(look));
    while (queue_.size() > most) {
      queue_.pop_front();
      ++dropped_;
    }
    full = spec_.keep_all && queue_.size() == most;
  }
  changed.notify_all();
  if (full && spec_.on_full == OnFull::pause) pause(runner);
  return true;
}

// Takes effect before the next step. Steps that were asked for are cancelled by it; a world that
// plays is played again when there is room.
void Looks::pause(Runner& runner) {
  runner.post({command::Describe{}, [self = shared_from_this()](const Outcome& outcome) {
                 const auto* state = std::get_if<WorldState>(&outcome.data);
                 const Locked lock(self->mutex);
                 if (state != nullptr && state->spec.playing) self->play_after_ = true;
                 self->changed.notify_all();
               }});
  runner.post({command::Pause{}});
}

bool Looks::wants_play() {
  if (!may_play()) return false;
  play_after_ = false;
  return true;
}

void Looks::end() {
  const Locked lock(mutex);
  ended_ = true;
  changed.notify_all();
}

std::optional<Look> Looks::next() {
  if (queue_.empty()) return std::nullopt;
  auto look = std::move(queue_.front());
  queue_.pop_front();
  return look;
}

void Looks::close() {
  const Locked lock(mutex);
  closed_ = true;
  queue_.clear();
  changed.notify_all();
}

std::uint64_t Looks::dropped() const {
  const Locked lock(mutex);
  return dropped_;
}

namespace {

// Dies with the hook: on the world's thread, or with the world.
struct LooksEnd {
  explicit LooksEnd(std::shared_ptr<Looks> of) : looks(std::move(of)) {}
  ~LooksEnd() { looks->end(); }
  LooksEnd(const LooksEnd&) = delete;
  LooksEnd& operator=(const LooksEnd&) = delete;
  std::shared_ptr<Looks> looks;
};

}  // namespace

command::Hook hook_for(const std::shared_ptr<Looks>& looks, const ObserverSpec& spec,
                       std::uint64_t id, Runner& runner) {
  // The runner outlives its own thread, on which alone this is called.
  return {id, spec.every, [end = std::make_shared<LooksEnd>(looks), &runner](Simulation& world) {
            return end->looks->take(world, runner);
          }};
}

}  // namespace atheria::pyhost
