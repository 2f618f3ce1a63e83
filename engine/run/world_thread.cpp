#include "engine/run/world_thread.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/locks.h"
#include "engine/base/log.h"
#include "engine/view/render.h"

namespace atheria {
namespace {

constexpr std::uint64_t kPublishEveryUs = 250'000;

}  // namespace

WorldThread::WorldThread(const WorldSpec& spec, FrameSink& sink)
    : sink_(sink), simulation_(spec), playing_(spec.playing) {
  pacer_.set_limit(spec.pace.steps_per_second, now_us());
  published_ = describe();
}

WorldThread::WorldThread(const Checkpoint& from, FrameSink& sink)
    : sink_(sink), simulation_(from), playing_(from.spec.playing), failure_(from.failure) {
  pacer_.set_limit(from.spec.pace.steps_per_second, now_us());
  published_ = describe();
}

WorldState WorldThread::state() const {
  const Locked lock(mutex_);
  return published_;
}

void WorldThread::run() {
  const at::NoGradGuard no_grad;
  while (!inbox_.closed()) {
    take_commands();
    if (inbox_.closed()) break;
    try {
      if (end_lease_when_due()) continue;  // first what it put off
      if (lease_.held()) {
        if (parked_left_ > 0) step_parked();
      } else {
        if (std::exchange(finishing_, false)) finish_steps();
        if (moving()) step_chunk();
        observe();
      }
      publish_sometimes(now_us());
    } catch (const std::exception& error) {
      fail(fmt::format("the engine could not go on: {}", error.what()));
    }
    rest();
  }
  const auto refuse = [this](const Command& command) {
    if (command.reply)
      command.reply({.error = Error(ErrorKind::cancelled, "the world was deleted"),
                     .step = simulation_.step()});
  };
  if (lease_.held()) end_lease("the world was deleted");
  cancel_steps("the world was deleted");
  while (const auto waiting = lease_.next_deferred()) refuse(*waiting);
  for (const auto& command : put_off_) refuse(command);
  for (const auto& command : inbox_.take()) refuse(command);
}

void WorldThread::take_commands() {
  do_deferred();
  auto commands = std::exchange(put_off_, {});
  for (auto& command : inbox_.take()) commands.push_back(std::move(command));
  for (auto& command : commands) {
    answer(command);
    do_deferred();
  }
}

// What a lease put off, in order; it comes before anything newer.
void WorldThread::do_deferred() {
  while (!lease_.held()) {
    auto waiting = lease_.next_deferred();
    if (!waiting) return;
    answer(*waiting);
  }
}

void WorldThread::answer(Command& command) {
  Outcome outcome;
  try {
    if (in_step_ && must_wait(command.body)) return put_off(std::move(command));
    if (lease_.held() && Lease::touches_field(command.body))
      return lease_.defer(std::move(command));
    outcome.data = std::visit([this](const auto& body) { return apply(body); }, command.body);
    if (std::holds_alternative<command::Step>(command.body)) {
      when_stepped_ = std::move(command.reply);
      return;
    }
    if (std::holds_alternative<command::StepParked>(command.body) && parked_left_ > 0) {
      when_parked_stepped_ = std::move(command.reply);
      return;
    }
  } catch (const Error& error) {
    outcome.error = error;
  } catch (const std::exception& error) {
    log::error(fmt::format("world {}: {}", simulation_.spec().name, error.what()));
    outcome.error =
        Error(ErrorKind::internal, "the engine could not do it; the server's log says why");
  }
  outcome.step = simulation_.step();
  if (command.reply) command.reply(std::move(outcome));
}

void WorldThread::cancel_steps(const char* why) {
  steps_left_ = 0;
  if (!when_stepped_) return;
  std::exchange(when_stepped_,
                nullptr)({.error = Error(ErrorKind::cancelled, why), .step = simulation_.step()});
}

void WorldThread::step_chunk() {
  const auto begin = now_us();
  // A Step command runs at full speed; its frames still come at their own pace.
  const bool limited = steps_left_ == 0 && simulation_.spec().pace.mode != Pace::Mode::full;
  std::uint64_t k = limited ? pacer_.allowed(begin) : pacer_.chunk();
  if (k == 0) return;
  if (steps_left_ > 0) k = std::min(k, steps_left_);
  const auto boundary = watches_.until_boundary(simulation_.step(), simulation_.spec().pace, begin);
  if (boundary > 0) k = std::min(k, boundary);
  const auto hook = hooks_.until_boundary(simulation_.step());
  if (hook > 0) k = std::min(k, hook);
  const bool arrives = steps_left_ > 0 && k == steps_left_;
  const bool keep =
      arrives || watches_.needs_previous() || series_hz_ > 0 || begin < questions_until_us_;

  const auto before = simulation_.step();
  const auto failure = advance(k, keep);
  const auto done = simulation_.step() - before;
  const auto end = now_us();
  if (done > 0) pacer_.took(static_cast<std::uint32_t>(done), begin, end);
  steps_left_ -= std::min(done, steps_left_);
  if (failure.empty() && done < k) return;  // given up for a command, which comes next
  const bool stops = steps_left_ == 0 && !playing_;
  const bool hooked = hooks_.due(simulation_.step());
  if (!failure.empty() || stops || hooked ||
      (end >= next_check_us_ && simulation_.check_is_due(end))) {
    next_check_us_ = end + kCheckEveryUs;
    if (const auto reason = check(failure); !reason.empty()) return fail(reason);
  }
  if (hooked) call_hooks();
  // A hook may have asked for a lease at this very step: whoever waits for the steps waits for it, too.
  if (stops && hooked)
    finishing_ = true;
  else if (stops)
    finish_steps();
}

void WorldThread::finish_steps() {
  pacer_.pause();
  changed();
  if (when_stepped_)
    std::exchange(when_stepped_, nullptr)({.error = {}, .step = simulation_.step()});
}

void WorldThread::fail(const std::string& reason) {
  playing_ = false;
  failure_ = reason;
  pacer_.pause();
  cancel_steps(reason.c_str());
  cancel_parked_steps(Error(ErrorKind::cancelled, reason));
  log::warning(fmt::format("world {}: {}", simulation_.spec().name, reason));
  changed();
  sink_.on_failure(simulation_.spec().name, reason);
}

void WorldThread::observe() {
  const auto now = now_us();
  const auto& pace = simulation_.spec().pace;
  const auto due = watches_.due(simulation_.step(), pace, now);
  if (!due.empty() && moving() && simulation_.check_is_due(now)) {
    if (const auto reason = check(); !reason.empty()) return fail(reason);
  }
  std::vector<std::uint64_t> broken;
  for (auto* watch : due) {
    Watches::drawn(*watch, simulation_.step(), pace, now);
    try {
      draw(*watch, now);
    } catch (const Error&) {
      broken.push_back(watch->what.id);  // another law may not have the view; its watchers are told
    } catch (const std::exception& error) {
      log::error(fmt::format("world {}: a picture of {} could not be drawn: {}",
                             simulation_.spec().name, watch->what.view.name, error.what()));
      broken.push_back(watch->what.id);
    }
  }
  for (const auto id : broken) watches_.remove(id);
  if (series_hz_ > 0 && moving() && now >= next_sample_us_) sample(now);
}

void WorldThread::draw(const Watches::Watch& watch, std::uint64_t now) {
  auto frame = std::make_shared<Frame>();
  frame->world = simulation_.spec().name;
  frame->watch = watch.what.id;
  frame->step = simulation_.step();
  frame->time = simulation_.time();
  frame->made_us = now;
  frame->still = !moving();
  frame->picture =
      render(simulation_.law(), simulation_.field(), simulation_.previous(), watch.what.view);
  sink_.on_frame(std::move(frame));
}

void WorldThread::sample(std::uint64_t now) {
  next_sample_us_ = now + static_cast<std::uint64_t>(1e6 / series_hz_);
  try {
    sink_.on_sample(simulation_.spec().name,
                    {simulation_.step(), simulation_.time(), now, simulation_.measure()});
  } catch (const std::exception& error) {
    log::error(fmt::format("world {}: its measures could not be taken: {}", simulation_.spec().name,
                           error.what()));
    series_hz_ = 0;
  }
}

void WorldThread::rest() {
  if (!put_off_.empty()) return;
  if (lease_.held()) {
    if (parked_left_ == 0) inbox_.wait(lease_.until_us());
    return;
  }
  if (finishing_) return;
  const auto stale = watches_.next_stale_us();
  if (!moving()) return inbox_.wait(stale);
  if (steps_left_ > 0 || simulation_.spec().pace.mode == Pace::Mode::full) return;
  const auto next = pacer_.next_us();
  if (next > now_us()) inbox_.wait(stale == 0 ? next : std::min(stale, next));
}

void WorldThread::changed() {
  ++revision_;
  watches_.touch();
  publish();
  if (series_hz_ == 0 || lease_.held()) return;
  if (moving())
    next_sample_us_ = 0;
  else
    sample(now_us());  // where it came to stand, or what an edit made of it
}

void WorldThread::publish() {
  auto now = describe();
  next_publish_us_ = now_us() + kPublishEveryUs;
  {
    const Locked lock(mutex_);
    published_ = now;
  }
  sink_.on_state(now);
}

void WorldThread::publish_sometimes(std::uint64_t now) {
  if ((moving() || parked_left_ > 0) && now >= next_publish_us_) publish();
}

WorldState WorldThread::describe() const {
  WorldState state;
  state.spec = simulation_.spec();
  state.spec.playing = playing_;
  state.step = simulation_.step();
  state.time = simulation_.time();
  state.playing = moving();
  state.steps_per_second = moving() ? pacer_.rate(now_us()) : 0;
  state.cells_per_second =
      state.steps_per_second * static_cast<double>(simulation_.field().grid().cells());
  state.failure = failure_;
  state.undo = simulation_.history().undo_count();
  state.redo = simulation_.history().redo_count();
  state.revision = revision_;
  state.leased_by = lease_.owner();
  return state;
}

}  // namespace atheria
