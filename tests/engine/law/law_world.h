#pragma once

#include <cstdint>
#include <string>

#include "engine/field/field.h"
#include "engine/law/law.h"

// A law with a field, for tests: no thread, no views.
namespace atheria::testing {

struct WorldOptions {
  GridSpec grid = {.width = 64, .height = 64};
  Dtype dtype = Dtype::f32;
  at::Device device = at::kCPU;
  std::uint64_t seed = 7;
  std::string init = "noise";
  ParamMap params = {};
  Path path = Path::fast;
  Tuning tuning = {};
};

class LawWorld {
 public:
  explicit LawWorld(const Law& law, const WorldOptions& options = {});

  // Fails the test when the law reports trouble.
  void advance(std::uint32_t steps);

  // To be called after field() was written between two advances.
  void touched() { stepper_->touched(); }
  std::string how() const { return stepper_->how(); }

  // What the law reported last; empty if nothing.
  const std::string& failure() const { return failure_; }

  Field& field() { return field_; }
  const Setup& setup() const { return setup_; }
  std::uint64_t step() const { return step_; }

  // The law's measure of that name now.
  double measure(const std::string& name) const;

 private:
  const Law& law_;
  Setup setup_;
  Field field_;
  std::unique_ptr<Stepper> stepper_;
  std::uint64_t step_ = 0;
  std::string failure_;
};

// Numbers of the docs: printed, and kept as a property of the test.
void report(const std::string& name, double value);

// True when both fields hold the same bits; NaN equals NaN.
bool same_bits(const Field& a, const Field& b);

// Largest difference of any two cells.
double largest_difference(const Field& a, const Field& b);

}  // namespace atheria::testing
