#include <fmt/format.h>

#include "engine/base/clock.h"
#include "engine/run/resolve.h"
#include "engine/run/world_thread.h"
#include "engine/view/render.h"

// What each command does to a world; all of it on the world's thread.
namespace atheria {

using Data = decltype(Outcome::data);

namespace {

constexpr std::uint64_t kQuestionsUs = 2'000'000;

}  // namespace

Data WorldThread::apply(const command::Play&) {
  cancel_steps("play came in between");
  playing_ = true;
  failure_.clear();
  pacer_.set_limit(simulation_.spec().pace.steps_per_second, now_us());
  ++revision_;
  publish();
  return {};
}

Data WorldThread::apply(const command::Pause&) {
  if (!moving()) return {};  // nothing changes, so nobody is told
  cancel_steps("pause came in between");
  playing_ = false;
  pacer_.pause();
  if (lease_.held()) {  // the field is its holder's: looked at when the lease ends
    ++revision_;
    publish();
    return {};
  }
  if (const auto reason = check(); !reason.empty()) {
    fail(reason);
    return {};
  }
  changed();
  return {};
}

Data WorldThread::apply(const command::Step& command) {
  if (command.n < 1 || command.n > 1'000'000'000)
    throw Error(ErrorKind::bad_args, fmt::format("n is 1..1000000000, got {}", command.n), "n");
  cancel_steps("another step came in between");
  playing_ = false;
  failure_.clear();
  steps_left_ = command.n;
  ++revision_;
  return {};
}

Data WorldThread::apply(const command::Reset&) {
  simulation_.reset();
  cancel_steps("reset came in between");
  failure_.clear();
  changed();
  return {};
}

Data WorldThread::apply(const command::SetParams& command) {
  simulation_.set_params(command.params);
  changed();
  return {};
}

Data WorldThread::apply(const command::SetLaw& command) {
  if (simulation_.set_law(command)) cancel_steps("a new start came in between");
  failure_.clear();
  changed();
  return {};
}

Data WorldThread::apply(const command::SetPace& command) {
  check_pace(command.pace);
  simulation_.set_pace(command.pace);
  pacer_.set_limit(command.pace.steps_per_second, now_us());
  changed();
  return {};
}

Data WorldThread::apply(const command::SetGuard& command) {
  simulation_.set_guard(command.guard);
  changed();
  return {};
}

Data WorldThread::apply(const command::Seed& command) {
  simulation_.seed(command);
  cancel_steps("a new start came in between");
  failure_.clear();
  changed();
  return {};
}

Data WorldThread::apply(const command::PaintStroke& command) {
  simulation_.paint(command.paint);
  changed();
  return {};
}

Data WorldThread::apply(const command::Undo&) {
  simulation_.undo();
  cancel_steps("undo came in between");
  failure_.clear();
  changed();
  return {};
}

Data WorldThread::apply(const command::Redo&) {
  simulation_.redo();
  cancel_steps("redo came in between");
  failure_.clear();
  changed();
  return {};
}

Data WorldThread::apply(const command::Watch& command) {
  check_view(simulation_.law(), simulation_.field().grid(), command.view);
  watches_.put(command);
  return command.view;
}

Data WorldThread::apply(const command::Unwatch& command) {
  watches_.remove(command.id);
  return {};
}

Data WorldThread::apply(const command::WatchSeries& command) {
  series_hz_ = command.on ? command.max_hz : 0;
  next_sample_us_ = 0;
  if (command.on && !lease_.held() && !in_step_) sample(now_us());
  return {};
}

// Change in one step needs the field before it: for a while it is kept, as for somebody who watches.
void WorldThread::expect_questions() { questions_until_us_ = now_us() + kQuestionsUs; }

Data WorldThread::apply(const command::Probe& command) {
  expect_questions();
  return simulation_.probe(command.x, command.y, command.z);
}

Data WorldThread::apply(const command::ReadField& command) {
  return simulation_.read(command.channel);
}

Data WorldThread::apply(const command::ReadHistogram& command) {
  auto found = histogram(simulation_.law(), simulation_.field(), command.view, command.bins,
                         command.lo, command.hi);
  return HistogramResult{found.lo, found.hi, std::move(found.counts), found.nan};
}

Data WorldThread::apply(const command::Measure&) {
  expect_questions();
  return MeasureResult{simulation_.measure()};
}

Data WorldThread::apply(const command::Describe&) { return describe(); }

}  // namespace atheria
