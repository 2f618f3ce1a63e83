#include "engine/run/simulation.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <utility>

#include "engine/base/clock.h"
#include "engine/field/init.h"
#include "engine/run/paint.h"
#include "engine/run/resolve.h"

namespace atheria {
namespace {

constexpr std::uint64_t kGoodEveryUs = 250'000;
constexpr std::uint64_t kCheckShare = 100;  // of the time, one part at most
constexpr std::uint64_t kNever = ~std::uint64_t{1};

// Copies into a field that is there already when it fits, so that a running world allocates
// nothing.
void copy_into(std::unique_ptr<Field>& target, const Field& source) {
  if (target && target->planes().sizes() == source.planes().sizes())
    target->copy_from(source);
  else
    target = std::make_unique<Field>(source.clone());
}

}  // namespace

Simulation::Simulation(const WorldSpec& spec) {
  start(resolve(spec));
  origin_ = spec_;
}

Simulation::Plan Simulation::make_plan(const WorldSpec& spec) {
  Plan made{&find_law(spec.law), {}, nullptr};
  made.setup = {spec.grid, parse_dtype(spec.dtype), device_of(spec.device), spec.seed,
                Params(made.law->info().params, spec.params)};
  made.stepper = plan(*made.law, made.setup, path_of(spec.path));
  return made;
}

void Simulation::adopt(Plan plan) {
  law_ = plan.law;
  setup_ = std::move(plan.setup);
  stepper_ = std::move(plan.stepper);
  asks_.reset();
  good_step_.reset();
}

void Simulation::start(WorldSpec spec) {
  auto plan = make_plan(spec);
  const auto& info = plan.law->info();
  auto field =
      std::make_unique<Field>(spec.grid, static_cast<int>(info.channels.size()), plan.setup.dtype);
  fill(*field, info.channels, info.complex, spec.init, spec.seed);
  field->planes() = field->planes().to(plan.setup.device);
  adopt(std::move(plan));
  field_ = std::move(field);
  spec_ = std::move(spec);
  step_ = anchor_step_ = 0;
  anchor_time_ = 0;
  previous_step_ = kNever;
}

double Simulation::time() const {
  const auto& values = setup_.params.map();
  const auto found = values.find("dt");
  const double dt = found == values.end() ? law().time_step : std::get<double>(found->second);
  return anchor_time_ + static_cast<double>(step_ - anchor_step_) * dt;
}

void Simulation::anchor_time() {
  anchor_time_ = time();
  anchor_step_ = step_;
}

// Between a stepper's question and who answers it.
struct Simulation::Patience {
  const GoesOn& goes_on;
  std::optional<bool>& asked;
  bool ended = false;  // the answer was no

  bool ask() {
    asked = true;
    ended = ended || !goes_on();
    return !ended;
  }
};

std::string Simulation::advance(std::uint32_t k, bool keep_previous, const GoesOn& goes_on) {
  if (!good_step_) keep_good();
  Patience patience{goes_on, asks_};
  StepContext context;
  if (goes_on) context.goes_on = [&patience] { return patience.ask(); };
  take_steps(keep_previous ? k - 1 : k, context, patience);
  if (keep_previous && context.failure.empty()) {
    copy_into(previous_, *field_);
    previous_step_ = step_;
    take_steps(1, context, patience);
  }
  return patience.ended ? std::string() : context.failure;
}

// A stepper that asks whether to go on takes one step at a time: when it gives up, and when it fails,
// it leaves the field as it was before that call, and no step that was done is lost.
void Simulation::take_steps(std::uint32_t k, StepContext& context, const Patience& patience) {
  while (k > 0 && context.failure.empty()) {
    const auto piece = context.goes_on && asks_.value_or(true) ? 1 : k;
    asks_ = asks_.value_or(false);  // until it asks
    stepper_->advance(*field_, step_, piece, context);
    if (patience.ended || (!context.failure.empty() && asks_.value_or(false))) return;
    step_ += piece;
    k -= piece;
  }
}

void Simulation::keep_good() {
  good_us_ = now_us();
  good_step_ = step_;
  if (setup_.dtype != Dtype::bits) copy_into(good_, *field_);  // bits cannot go wrong
}

std::string Simulation::check(const std::string& failure, const GoesOn& goes_on) {
  if (failure.empty()) {
    if (spec_.guard == Guard::off || setup_.dtype == Dtype::bits) return {};
    if (!goes_wrong()) return {};
  } else if (asks_.value_or(false) && (spec_.guard == Guard::off || all_finite(*field_))) {
    return fmt::format("{} {} at step {}; paused at step {}", law().name, failure, step_ + 1,
                       step_);  // see take_steps(): nothing to go back from
  }
  return rewind(failure.empty() ? "has NaN or infinite values" : failure, goes_on);
}

// Whether there are NaN or infinities; keeps a good field now and then.
bool Simulation::goes_wrong() {
  const auto begin = now_us();
  const bool finite = all_finite(*field_);
  if (finite && begin - good_us_ > kGoodEveryUs) keep_good();
  const auto end = now_us();
  check_again_us_ = end + kCheckShare * (end - begin);
  return !finite;
}

std::string Simulation::rewind(const std::string& reason, const GoesOn& goes_on) {
  const auto bad_step = step_;
  if (setup_.dtype == Dtype::bits || !good_ || !good_step_)
    return fmt::format("{} at step {}", reason, bad_step);
  field_->copy_from(*good_);
  stepper_->touched();
  step_ = *good_step_;
  previous_step_ = kNever;
  auto last = std::make_unique<Field>(field_->clone());
  Patience patience{goes_on, asks_};
  while (step_ < bad_step) {
    StepContext context;
    if (goes_on) context.goes_on = [&patience] { return patience.ask(); };
    stepper_->advance(*field_, step_, 1, context);
    if (!context.failure.empty() || !all_finite(*field_)) break;
    last->copy_from(*field_);
    ++step_;
  }
  field_->copy_from(*last);
  stepper_->touched();
  if (patience.ended)
    return fmt::format("{} {} by step {}; paused at step {}", law().name, reason, bad_step, step_);
  return fmt::format("{} {} at step {}; paused at step {}", law().name, reason, step_ + 1, step_);
}

void Simulation::set_params(const ParamMap& params) {
  auto spec = spec_;
  for (const auto& [name, value] : params) spec.params[name] = value;
  auto plan = make_plan(spec);  // refuses what is out of range, before anything changes
  anchor_time();
  spec.params = plan.setup.params.map();
  adopt(std::move(plan));
  spec_ = std::move(spec);
}

bool Simulation::set_law(const command::SetLaw& change) {
  const auto next = changed_law(spec_, change);
  auto before = moment();
  const bool starts = next.law != spec_.law || !change.init.empty();
  if (starts) {
    start(next);
    origin_ = spec_;
  } else {
    set_params(next.params);
    spec_.preset = next.preset;
  }
  history_.edit(std::move(before));
  return starts;
}

void Simulation::seed(const command::Seed& change) {
  auto next = spec_;
  if (change.seed) next.seed = *change.seed;
  if (!change.init.empty()) next = with_init(next, change.init);
  auto before = moment();
  start(next);
  history_.edit(std::move(before));
  if (!change.init.empty()) origin_ = spec_;
}

void Simulation::reset() {
  auto before = moment();
  auto next = origin_;
  next.pace = spec_.pace;
  next.guard = spec_.guard;
  start(std::move(next));
  history_.edit(std::move(before));
}

void Simulation::paint(const Paint& stroke) {
  validate(stroke, law());
  // Only what was done can be undone: kept before, recorded after.
  std::optional<Moment> before;
  if (!history_.continues(stroke.stroke)) before = moment();
  atheria::paint(*field_, law().channels, law().complex, stroke, spec_.seed, step_);
  edited();
  if (!before) return;
  before->stroke = stroke.stroke;
  history_.edit(std::move(*before));
}

void Simulation::edited() {
  stepper_->touched();
  good_step_.reset();
  previous_step_ = kNever;
  ++edits_;
}

void Simulation::load(const std::string& channel, const at::Tensor& numbers) {
  auto whole = numbers;
  if (!channel.empty()) {
    const auto index = channel_of(channel);
    whole = field_->dense().clone();
    if (numbers.sizes() != whole[index].sizes())
      throw Error(
          ErrorKind::bad_args,
          fmt::format("channel '{}' needs shape [{}], got [{}]", channel,
                      fmt::join(whole[index].sizes(), ", "), fmt::join(numbers.sizes(), ", ")),
          "values");
    whole[index].copy_(numbers);
  }
  auto before = moment();
  field_->set_dense(whole);  // refuses another shape before it writes
  history_.edit(std::move(before));
  edited();
}

Moment Simulation::moment() const {
  return {spec_, origin_, step_, time(), std::make_shared<const Field>(field_->clone()), 0};
}

void Simulation::restore(const Moment& moment) {
  auto spec = moment.spec;
  spec.pace = spec_.pace;
  spec.guard = spec_.guard;
  adopt(make_plan(spec));
  spec_ = std::move(spec);
  origin_ = moment.origin;
  field_ = std::make_unique<Field>(moment.field->clone());
  step_ = anchor_step_ = moment.step;
  anchor_time_ = moment.time;
  previous_step_ = kNever;
}

void Simulation::undo() {
  if (!history_.can_undo()) throw Error(ErrorKind::conflict, "there is no edit to undo");
  restore(history_.undo(moment()));
}

void Simulation::redo() {
  if (!history_.can_redo()) throw Error(ErrorKind::conflict, "there is no edit to redo");
  restore(history_.redo(moment()));
}

}  // namespace atheria
