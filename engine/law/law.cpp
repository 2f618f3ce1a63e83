#include "engine/law/law.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/error.h"

namespace atheria {
namespace {

// Runs a law's equation as it stands, on whatever device the field lives.
class ReferenceStepper final : public Stepper {
 public:
  explicit ReferenceStepper(StepFunction step) : step_(std::move(step)) {}

  void advance(Field& field, std::uint64_t t0, std::uint32_t k,
               StepContext& context) noexcept override {
    try {
      const c10::InferenceMode guard;
      auto psi = field.dense();
      for (std::uint32_t i = 0; i < k; ++i) psi = step_(psi, t0 + i);
      field.set_dense(psi);
    } catch (const std::exception& error) {
      context.failure = error.what();
    }
  }

 private:
  StepFunction step_;
};

}  // namespace

std::vector<double> Law::measure(const at::Tensor& dense, const Setup&) const {
  // The default of a law that names one measure: the mass, or the norm of a complex field.
  const auto psi = dense.to(at::kDouble);
  const auto total = info().complex ? psi.square().sum() : psi[0].sum();
  return {total.item<double>()};
}

void check_setup(const LawInfo& law, const GridSpec& grid, Dtype dtype) {
  check_grid(grid);
  const int dimension = grid.is_3d() ? 3 : 2;
  if (std::find(law.dimensions.begin(), law.dimensions.end(), dimension) == law.dimensions.end())
    throw Error(ErrorKind::unsupported,
                fmt::format("law '{}' has {}-D worlds; {} is {}-D", law.name,
                            fmt::join(law.dimensions, "- and "), to_string(grid), dimension),
                "size");
  if (std::find(law.dtypes.begin(), law.dtypes.end(), dtype) != law.dtypes.end()) return;
  std::vector<std::string_view> names;
  for (const auto known : law.dtypes) names.push_back(to_string(known));
  throw Error(ErrorKind::unsupported,
              fmt::format("law '{}' runs in {}; got {}", law.name, fmt::join(names, ", "),
                          to_string(dtype)),
              "dtype");
}

std::unique_ptr<Stepper> plan(const Law& law, const Setup& setup, Path path) {
  check_setup(law.info(), setup.grid, setup.dtype);
  if (path == Path::fast && setup.device.is_cpu())
    if (auto stepper = law.native(setup)) return stepper;
  return std::make_unique<ReferenceStepper>(law.reference(setup));
}

}  // namespace atheria
