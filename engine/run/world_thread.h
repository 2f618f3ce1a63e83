#pragma once

#include <deque>
#include <mutex>
#include <optional>

#include "engine/run/frame.h"
#include "engine/run/hooks.h"
#include "engine/run/inbox.h"
#include "engine/run/lease.h"
#include "engine/run/pacer.h"
#include "engine/run/simulation.h"
#include "engine/run/watches.h"

namespace atheria {

// What a world's thread does: takes commands, steps, shows. Everything here runs on that thread,
// but for the constructor, state() and inbox().
class WorldThread {
 public:
  WorldThread(const WorldSpec& spec, FrameSink& sink);
  WorldThread(const Checkpoint& from, FrameSink& sink);

  Inbox& inbox() { return inbox_; }
  WorldState state() const;  // any thread
  void run();                // until the inbox is closed

 private:
  static constexpr std::uint64_t kCheckEveryUs = 250'000;

  void take_commands();
  void do_deferred();
  bool must_wait(const CommandBody& body) const;
  void answer(Command& command);
  void cancel_steps(const char* why);
  void step_chunk();
  void finish_steps();
  void observe();
  void sample(std::uint64_t now);
  void rest();
  void fail(const std::string& reason);
  bool moving() const { return playing_ || steps_left_ > 0; }
  void changed();  // all but step and speed: new pictures and a new revision
  void expect_questions();
  void draw(const Watches::Watch& watch, std::uint64_t now);
  // What a lease and hooks need: world_lease.cpp.
  void end_lease(const std::string& why);
  bool end_lease_when_due();
  void step_parked();
  void cancel_parked_steps(const Error& why);
  void call_hooks();
  // While a step waits for somebody else: world_wait.cpp.
  bool goes_on();
  std::string advance(std::uint64_t k, bool keep_previous);
  std::string check(const std::string& failure = {});
  void put_off(Command&& command);

  void publish();
  void publish_sometimes(std::uint64_t now);
  WorldState describe() const;

  // One for each command; the outcome's data, or throws Error.
  using Data = decltype(Outcome::data);
  Data apply(const command::Play&);
  Data apply(const command::Pause&);
  Data apply(const command::Reset&);
  Data apply(const command::SetParams& command);
  Data apply(const command::SetLaw& command);
  Data apply(const command::SetPace& command);
  Data apply(const command::SetGuard& command);
  Data apply(const command::Seed& command);
  Data apply(const command::PaintStroke& command);
  Data apply(const command::Undo&);
  Data apply(const command::Redo&);
  Data apply(const command::Watch& command);
  Data apply(const command::Unwatch& command);
  Data apply(const command::WatchSeries& command);
  Data apply(const command::Probe& command);
  Data apply(const command::ReadField& command);
  Data apply(const command::ReadHistogram& command);
  Data apply(const command::Measure&);
  Data apply(const command::Describe&);
  Data apply(const command::Step&);
  Data apply(const command::Visit& command);
  Data apply(const command::Park& command);
  Data apply(const command::StepParked& command);
  Data apply(const command::Unpark& command);
  Data apply(const command::Hook& command);
  Data apply(const command::Unhook& command);

  FrameSink& sink_;
  Inbox inbox_;
  Simulation simulation_;
  Pacer pacer_;
  Watches watches_;
  Hooks hooks_;
  Lease lease_;

  bool playing_;
  std::uint64_t steps_left_ = 0;               // of a Step command
  bool finishing_ = false;                     // its steps are done, and a hook's lease comes first
  std::function<void(Outcome)> when_stepped_;  // its reply
  std::uint64_t parked_left_ = 0;              // of a StepParked command
  std::function<void(Outcome)> when_parked_stepped_;
  bool in_step_ = false;         // commands are taken in the middle of a step
  std::deque<Command> put_off_;  // those that wait for its end; then they come first
  std::string failure_;

  std::uint64_t questions_until_us_ = 0;
  double series_hz_ = 0;  // 0: nobody listens
  std::uint64_t next_sample_us_ = 0;
  std::uint64_t next_check_us_ = 0;
  std::uint64_t next_publish_us_ = 0;
  std::uint64_t revision_ = 0;

  mutable std::mutex mutex_;
  WorldState published_;  // Guarded by mutex_.
};

}  // namespace atheria
