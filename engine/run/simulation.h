#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/law/laws.h"
#include "engine/run/checkpoint.h"
#include "engine/run/command.h"
#include "engine/run/history.h"

namespace atheria {

// A field and the law that moves it, without a thread: what a world is. Not thread-safe.
//
// Whatever throws Error leaves the world as it was.
class Simulation {
 public:
  explicit Simulation(const WorldSpec& spec);
  explicit Simulation(const Checkpoint& from);  // goes on where it stood

  const WorldSpec& spec() const { return spec_; }
  const LawInfo& law() const { return law_->info(); }
  const Field& field() const { return *field_; }
  std::uint64_t step() const { return step_; }
  double time() const;
  std::string how() const { return stepper_->how(); }  // of its stepper

  // The field one step ago, when the last advance() was asked to keep it; else null.
  const Field* previous() const { return previous_step_ + 1 == step_ ? previous_.get() : nullptr; }

  // Asked by a step that waits for somebody else (StepContext::goes_on). It may look at this world,
  // not change it.
  using GoesOn = std::function<bool()>;

  // k steps on, or as many as were done when goes_on said no: step() tells. Returns why it failed,
  // or nothing: after a failure, check() goes back to the last good step.
  std::string advance(std::uint32_t k, bool keep_previous, const GoesOn& goes_on = {});

  // Looks for NaN and infinities if the guard is on. When there are some, or `failure` is not
  // empty, goes back to the last good step, or an earlier one when goes_on says no meanwhile, and
  // returns the reason. Reads the whole field.
  std::string check(const std::string& failure = {}, const GoesOn& goes_on = {});

  // False while another look would take more than a hundredth of the time: for looks that can wait.
  bool check_is_due(std::uint64_t now) const { return now >= check_again_us_; }

  void set_params(const ParamMap& params);
  bool set_law(const command::SetLaw& change);  // true: it is a new start
  void set_pace(const Pace& pace) { spec_.pace = pace; }
  void set_guard(Guard guard) { spec_.guard = guard; }
  void seed(const command::Seed& change);
  void reset();
  void paint(const Paint& paint);
  void undo();
  void redo();
  const History& history() const { return history_; }
  Checkpoint checkpoint() const;  // without its file: checkpoint.h

  // For code that writes the field itself. Afterwards edited() says so: nothing of before is a step
  // back from here. Undo does not know of it; load() is an edit that undo takes back.
  Field& field_to_write() { return *field_; }
  void edited();
  std::uint64_t edits() const { return edits_; }  // grows with each edited()

  // The whole field, or one channel of it, from numbers [channels, d, h, w] or [d, h, w]; empty
  // channel: all. Throws Error on another shape and changes nothing.
  void load(const std::string& channel, const at::Tensor& numbers);
  int channel_of(const std::string& name) const;  // throws Error (not_found)

  // LawInfo::measures in order, then activity (0 without previous()).
  std::vector<double> measure() const;
  FieldCopy read(const std::string& channel) const;
  ProbeResult probe(int x, int y, int z) const;

 private:
  // All that depends on law, parameters, grid and seed; made anew when one of them changes.
  struct Plan {
    const Law* law;
    Setup setup;
    std::unique_ptr<Stepper> stepper;
  };
  static Plan make_plan(const WorldSpec& spec);
  void adopt(Plan plan);
  void start(WorldSpec spec);  // a new start at step 0
  void restore(const Moment& moment);
  Moment moment() const;
  void anchor_time();
  void keep_good();
  bool goes_wrong();
  struct Patience;
  void take_steps(std::uint32_t k, StepContext& context, const Patience& patience);
  std::string rewind(const std::string& reason, const GoesOn& goes_on);

  WorldSpec spec_;
  WorldSpec origin_;  // what reset() goes back to
  const Law* law_ = nullptr;
  Setup setup_;
  std::unique_ptr<Stepper> stepper_;
  std::optional<bool>
      asks_;  // whether the stepper ever asked goes_on; unknown before its first step
  std::unique_ptr<Field> field_;
  std::uint64_t step_ = 0;

  double anchor_time_ = 0;  // simulated time at anchor_step_, where dt last changed
  std::uint64_t anchor_step_ = 0;

  std::unique_ptr<Field> previous_;
  std::uint64_t previous_step_ = ~std::uint64_t{1};

  // A checked state from which a failure is replayed to find its exact step.
  std::unique_ptr<Field> good_;
  std::optional<std::uint64_t> good_step_;
  std::uint64_t good_us_ = 0;
  std::uint64_t check_again_us_ = 0;

  History history_;
  std::uint64_t edits_ = 0;
};

}  // namespace atheria
