#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/run/world_thread.h"

// What code in this process may do to a world: look between two steps, hold it still, be called at
// certain steps. All of it on the world's thread, which never waits for a holder: while a lease is
// held it neither steps by itself nor draws, and puts off what would touch the field.
namespace atheria {

using Data = decltype(Outcome::data);

Data WorldThread::apply(const command::Visit& command) {
  if (command.lease != 0) lease_.expect(command.lease, simulation_.spec().name);
  const auto edits = simulation_.edits();
  try {
    command.look(simulation_);
  } catch (...) {
    if (simulation_.edits() != edits) changed();
    throw;
  }
  if (simulation_.edits() != edits) changed();
  return {};
}

Data WorldThread::apply(const command::Park& command) {
  if (command.takes_over && lease_.held()) end_lease("revoked");
  lease_.begin(command, simulation_.spec().name, now_us());
  try {
    if (command.enter) command.enter(simulation_);
  } catch (...) {
    lease_.end("it could not begin");
    throw;
  }
  pacer_.pause();
  ++revision_;
  publish();
  return {};
}

Data WorldThread::apply(const command::StepParked& command) {
  lease_.expect(command.lease, simulation_.spec().name);
  cancel_parked_steps(Error(ErrorKind::cancelled, "another step came in between"));
  simulation_.edited();  // the holder may have written the field
  failure_.clear();
  parked_left_ = command.n;
  return {};
}

Data WorldThread::apply(const command::Unpark& command) {
  lease_.expect(command.lease, simulation_.spec().name);
  end_lease(command.why);
  return {};
}

Data WorldThread::apply(const command::Hook& command) {
  hooks_.put(command);
  return {};
}

Data WorldThread::apply(const command::Unhook& command) {
  hooks_.remove(command.id);
  return {};
}

void WorldThread::end_lease(const std::string& why) {
  const auto park = lease_.end(why);
  try {
    if (park.leave) park.leave(simulation_, why);
  } catch (const std::exception& error) {
    log::error(fmt::format("world {}: at the end of the lease of {}: {}", simulation_.spec().name,
                           park.owner, error.what()));
  }
  cancel_parked_steps(Error(ErrorKind::conflict, "the lease has ended: " + why));
  simulation_.edited();
  pacer_.set_limit(simulation_.spec().pace.steps_per_second, now_us());
  next_check_us_ = 0;  // whatever was written is looked at after the next chunk
  changed();
}

bool WorldThread::end_lease_when_due() {
  if (!lease_.held() || now_us() < lease_.until_us()) return false;
  end_lease(lease_.expired());
  return true;
}

// Steps for the holder, in chunks like any others so that commands are heard in between; neither
// drawn nor shown to hooks.
void WorldThread::step_parked() {
  const auto begin = now_us();
  const auto k = std::min<std::uint64_t>(pacer_.chunk(), parked_left_);
  const auto before = simulation_.step();
  const auto failure = advance(k, k == parked_left_);
  const auto done = simulation_.step() - before;
  const auto end = now_us();
  if (done > 0) pacer_.took(static_cast<std::uint32_t>(done), begin, end);
  parked_left_ -= std::min(done, parked_left_);
  if (failure.empty() && done < k) return;  // given up for a command, which comes next
  if (!failure.empty() || parked_left_ == 0 || end >= next_check_us_) {
    next_check_us_ = end + kCheckEveryUs;
    if (const auto reason = check(failure); !reason.empty()) return fail(reason);
  }
  if (parked_left_ > 0) return;
  publish();
  if (when_parked_stepped_)
    std::exchange(when_parked_stepped_, nullptr)({.error = {}, .step = simulation_.step()});
}

void WorldThread::cancel_parked_steps(const Error& why) {
  parked_left_ = 0;
  if (!when_parked_stepped_) return;
  std::exchange(when_parked_stepped_, nullptr)({.error = why, .step = simulation_.step()});
}

void WorldThread::call_hooks() {
  const auto edits = simulation_.edits();
  for (const auto& fault : hooks_.call(simulation_, simulation_.step()))
    log::warning(fmt::format("world {}: a hook was taken off at step {}: {}",
                             simulation_.spec().name, simulation_.step(), fault));
  if (simulation_.edits() != edits) changed();
}

}  // namespace atheria
