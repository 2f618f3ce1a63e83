#include "tests/engine/law/law_world.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "engine/field/init.h"

namespace atheria::testing {
namespace {

// Small fields gain nothing from ATen's threads, and on a busy machine they wait for each other.
// Tests of threads ask for their own number.
class OneAtenThread final : public ::testing::Environment {
  void SetUp() override { at::set_num_threads(1); }
};
[[maybe_unused]] const auto* const kOneAtenThread =
    ::testing::AddGlobalTestEnvironment(new OneAtenThread);

Setup setup_of(const Law& law, const WorldOptions& options) {
  return {options.grid,
          options.dtype,
          options.device,
          options.seed,
          Params(law.info().params, options.params),
          options.tuning};
}

Field start(const Law& law, const WorldOptions& options) {
  const auto& info = law.info();
  Field field(options.grid, static_cast<int>(info.channels.size()), options.dtype);
  fill(field, info.channels, info.complex, options.init, options.seed);
  if (options.device.is_cpu()) return field;
  Field there(options.grid, field.channels(), options.dtype, options.device);
  there.copy_from(field);
  return there;
}

}  // namespace

LawWorld::LawWorld(const Law& law, const WorldOptions& options)
    : law_(law),
      setup_(setup_of(law, options)),
      field_(start(law, options)),
      stepper_(plan(law, setup_, options.path)) {}

void LawWorld::advance(std::uint32_t steps) {
  StepContext context;
  stepper_->advance(field_, step_, steps, context);
  failure_ = context.failure;
  EXPECT_EQ(failure_, "");
  step_ += steps;
}

double LawWorld::measure(const std::string& name) const {
  const auto& measures = law_.info().measures;
  for (std::size_t i = 0; i < measures.size(); ++i)
    if (measures[i].name == name) return law_.measure(field_.dense(), setup_).at(i);
  ADD_FAILURE() << law_.info().name << " has no measure " << name;
  return 0;
}

void report(const std::string& name, double value) {
  const auto text = fmt::format("{:.3g}", value);
  ::testing::Test::RecordProperty(name, text);
  fmt::print("[ measured ] {} = {}\n", name, text);
}

bool same_bits(const Field& a, const Field& b) {
  const auto x = a.planes().cpu().contiguous();
  const auto y = b.planes().cpu().contiguous();
  return x.nbytes() == y.nbytes() &&
         std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0;
}

double largest_difference(const Field& a, const Field& b) {
  const auto x = a.dense().to(at::kCPU, at::kDouble);
  return (x - b.dense().to(at::kCPU, at::kDouble)).abs().max().item<double>();
}

}  // namespace atheria::testing
