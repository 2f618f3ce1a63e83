#include "engine/run/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "engine/run/resolve.h"
#include "engine/run/simulation.h"
#include "engine/store/safetensors.h"

namespace atheria {
namespace {

// Bits stay words of 64 cells, so that all is exact.
constexpr const char* kPlanes = "planes";

}  // namespace

Checkpoint save(const Simulation& simulation, const std::string& file) {
  Checkpoint made = simulation.checkpoint();
  made.file = file;
  write_safetensors(file, {.tensors = {{kPlanes, simulation.field().planes()}},
                           .metadata = {{"world", made.spec.name},
                                        {"law", made.spec.law},
                                        {"dtype", made.spec.dtype},
                                        {"step", std::to_string(made.step)}},
                           .source = {}});
  return made;
}

Checkpoint Simulation::checkpoint() const {
  return {.spec = spec_,
          .origin = origin_,
          .step = step_,
          .time = time(),
          .anchor_step = anchor_step_,
          .anchor_time = anchor_time_};
}

Simulation::Simulation(const Checkpoint& from) {
  check_pace(from.spec.pace);
  auto plan = make_plan(from.spec);
  const int channels = static_cast<int>(plan.law->info().channels.size());
  auto field = std::make_unique<Field>(from.spec.grid, channels, plan.setup.dtype);
  const auto file = read_safetensors(from.file);
  const auto& planes = file.at(kPlanes);
  if (planes.sizes() != field->planes().sizes() ||
      planes.scalar_type() != field->planes().scalar_type())
    throw Error(
        ErrorKind::io,
        fmt::format("{}: world '{}' of law '{}' has planes {} [{}]; found {} [{}]", from.file,
                    from.spec.name, from.spec.law, c10::toString(field->planes().scalar_type()),
                    fmt::join(field->planes().sizes(), ", "), c10::toString(planes.scalar_type()),
                    fmt::join(planes.sizes(), ", ")));
  field->planes().copy_(planes);
  field->planes() = field->planes().to(plan.setup.device);
  adopt(std::move(plan));
  field_ = std::move(field);
  spec_ = from.spec;
  origin_ = from.origin;
  step_ = from.step;
  anchor_step_ = from.anchor_step;
  anchor_time_ = from.anchor_time;
}

}  // namespace atheria
