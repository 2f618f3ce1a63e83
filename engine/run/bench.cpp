#include "engine/run/bench.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "engine/base/clock.h"
#include "engine/run/simulation.h"

namespace atheria {
namespace {

constexpr std::uint32_t kMostSteps = 1U << 16;

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;  // the whole process, on POSIX
}

void add(Timing& total, const Timing& part) {
  total.steps += part.steps;
  total.wall_seconds += part.wall_seconds;
  total.cpu_seconds += part.cpu_seconds;
}

}  // namespace

class StepBench::Impl {
 public:
  explicit Impl(const WorldSpec& spec) : simulation(spec) {}

  // `count` steps, `at_once` a call.
  Timing timed(std::uint32_t count, std::uint32_t at_once) {
    const at::NoGradGuard no_grad;
    const auto cpu = cpu_seconds();
    const auto begin = now_us();
    for (std::uint32_t done = 0; done < count; done += at_once) {
      const auto failure = simulation.advance(std::min(at_once, count - done), false);
      if (!failure.empty()) throw Error(ErrorKind::internal, failure);
    }
    return {count, static_cast<double>(now_us() - begin) * 1e-6, cpu_seconds() - cpu};
  }

  Timing repeated(double seconds, bool singly) {
    Timing total;
    std::uint32_t count = 1;
    while (total.wall_seconds < seconds) {
      const auto part = timed(count, singly ? 1 : count);
      add(total, part);
      if (part.wall_seconds < seconds / 20) count = std::min(count * 2, kMostSteps);
    }
    return total;
  }

  Simulation simulation;
};

StepBench::StepBench(const WorldSpec& spec) : impl_(std::make_unique<Impl>(spec)) {}
StepBench::~StepBench() = default;

Timing StepBench::steps(std::uint32_t count) { return impl_->timed(count, count); }
Timing StepBench::run(double seconds) { return impl_->repeated(seconds, false); }
Timing StepBench::singles(double seconds) { return impl_->repeated(seconds, true); }

std::uint64_t StepBench::step() const { return impl_->simulation.step(); }

FieldCopy StepBench::field() const { return impl_->simulation.read("*"); }

std::string StepBench::how() const { return impl_->simulation.how(); }

std::vector<std::uint8_t> StepBench::raw() const {
  const Field& field = impl_->simulation.field();
  std::vector<std::uint8_t> bytes(field.bytes());
  std::memcpy(bytes.data(), field.planes().const_data_ptr(), bytes.size());
  return bytes;
}

void StepBench::load(const std::vector<std::uint8_t>& raw) {
  Field& field = impl_->simulation.field_to_write();
  if (raw.size() != field.bytes())
    throw Error(fmt::format("the field has {} bytes, got {}", field.bytes(), raw.size()));
  std::memcpy(field.planes().mutable_data_ptr(), raw.data(), raw.size());
  impl_->simulation.edited();
  impl_->simulation.advance(0, false);  // what it keeps of a good state is no part of a step
}

}  // namespace atheria
