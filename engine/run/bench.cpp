#include "engine/run/bench.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <ctime>

#include "engine/base/clock.h"
#include "engine/run/simulation.h"

namespace atheria {
namespace {

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;  // the whole process, on POSIX
}

}  // namespace

class StepBench::Impl {
 public:
  explicit Impl(const WorldSpec& spec) : simulation(spec) {}

  Timing timed(std::uint32_t count) {
    const at::NoGradGuard no_grad;
    const auto cpu = cpu_seconds();
    const auto begin = now_us();
    const auto failure = simulation.advance(count, false);
    if (!failure.empty()) throw Error(ErrorKind::internal, failure);
    return {count, static_cast<double>(now_us() - begin) * 1e-6, cpu_seconds() - cpu};
  }

  Simulation simulation;
};

StepBench::StepBench(const WorldSpec& spec) : impl_(std::make_unique<Impl>(spec)) {}
StepBench::~StepBench() = default;

Timing StepBench::steps(std::uint32_t count) { return impl_->timed(count); }

Timing StepBench::run(double seconds) {
  Timing total;
  std::uint32_t count = 1;
  while (total.wall_seconds < seconds) {
    const auto part = impl_->timed(count);
    total.steps += part.steps;
    total.wall_seconds += part.wall_seconds;
    total.cpu_seconds += part.cpu_seconds;
    if (part.wall_seconds < seconds / 20) count = std::min(count * 2, 1U << 16);
  }
  return total;
}

std::uint64_t StepBench::step() const { return impl_->simulation.step(); }

FieldCopy StepBench::field() const { return impl_->simulation.read("*"); }

}  // namespace atheria
