#include <algorithm>
#include <type_traits>
#include <utility>

#include "engine/base/clock.h"
#include "engine/run/world_thread.h"

// A step may wait for somebody else: a law in Python for Python's thread, which anything may keep
// busy. Meanwhile its world is asked every few milliseconds whether to go on, and takes commands
// then: it answers what does not need the field, puts off the rest in order, and gives the step up
// when a command or the world's end must not wait for it. The field is as it was before that step.
namespace atheria {
namespace {

template <class... Kinds>
bool is_a(const CommandBody& body) {
  return (std::holds_alternative<Kinds>(body) || ...);
}

// Changes nothing of the world.
bool only_looks(const CommandBody& body) {
  using namespace command;
  return is_a<Describe, Watch, Unwatch, WatchSeries>(body);
}

// The step's result is not wanted any more, or must not be waited for.
bool ends_the_step(const CommandBody& body) {
  using namespace command;
  const auto* const park = std::get_if<Park>(&body);
  return (park != nullptr && park->takes_over) ||
         is_a<Pause, Reset, SetLaw, Seed, Undo, Redo, StepParked, Unpark>(body);
}

}  // namespace

// Whether it waits for the step under way. A hook does, as its steps begin with the next.
bool WorldThread::must_wait(const CommandBody& body) const {
  using namespace command;
  if (only_looks(body)) return false;
  return !put_off_.empty() || Lease::touches_field(body) || ends_the_step(body) ||
         is_a<Park, Hook, Visit>(body);
}

void WorldThread::put_off(Command&& command) {
  if (put_off_.size() >= Lease::kMostDeferred)
    throw Error(ErrorKind::busy, "4096 commands wait for the step under way; try again later");
  put_off_.push_back(std::move(command));
}

bool WorldThread::goes_on() {
  if (inbox_.closed()) return false;
  in_step_ = true;
  for (auto& command : inbox_.take()) answer(command);
  in_step_ = false;
  const auto now = now_us();
  publish_sometimes(now);
  if (lease_.held() && now >= lease_.until_us()) return false;
  return std::ranges::none_of(put_off_, [](const auto& one) { return ends_the_step(one.body); });
}

std::string WorldThread::advance(std::uint64_t k, bool keep_previous) {
  return simulation_.advance(static_cast<std::uint32_t>(k), keep_previous,
                             [this] { return goes_on(); });
}

std::string WorldThread::check(const std::string& failure) {
  return simulation_.check(failure, [this] { return goes_on(); });
}

}  // namespace atheria
