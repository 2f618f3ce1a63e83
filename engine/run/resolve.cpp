#include "engine/run/resolve.h"

#include <ATen/Context.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/field/init.h"
#include "engine/law/laws.h"

namespace atheria {
namespace {

const Preset& find_preset(const LawInfo& law, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& preset : law.presets) {
    if (preset.name == name) return preset;
    names.push_back(preset.name);
  }
  throw Error(ErrorKind::not_found,
              fmt::format("law '{}' has no preset '{}'; there are: {}", law.name, name,
                          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
              "preset");
}

// The preset's values below the given ones.
ParamMap with_preset(const Preset& preset, const ParamMap& given) {
  auto params = preset.params;
  for (const auto& [name, value] : given) params[name] = value;
  return params;
}

}  // namespace

void check_pace(const Pace& pace) {
  if (pace.every < 1 || pace.every > 1'000'000)
    throw Error(ErrorKind::bad_args, fmt::format("every is 1..1000000, got {}", pace.every),
                "pace.every");
  if (!(pace.max_fps > 0 && pace.max_fps <= 240))
    throw Error(ErrorKind::bad_args,
                fmt::format("maxFps is above 0 and up to 240, got {}", pace.max_fps),
                "pace.maxFps");
  if (!(pace.steps_per_second >= 0 && pace.steps_per_second <= 1e9))
    throw Error(ErrorKind::bad_args,
                fmt::format("stepsPerSecond is 0 (no limit) to 1e9, got {}", pace.steps_per_second),
                "pace.stepsPerSecond");
}

WorldSpec resolve(WorldSpec spec) {
  const auto& law = find_law(spec.law).info();
  check_pace(spec.pace);
  const bool rule_given = spec.params.count("rule") > 0;
  std::string init = law.init;
  if (!spec.preset.empty()) {
    const auto& preset = find_preset(law, spec.preset);
    spec.params = with_preset(preset, spec.params);
    if (!preset.init.empty()) init = preset.init;
  }
  spec.params = Params(law.params, spec.params).map();
  if (spec.dtype.empty()) spec.dtype = to_string(law.dtypes.front());
  check_setup(law, spec.grid, parse_dtype(spec.dtype));
  device_of(spec.device);
  path_of(spec.path);
  if (spec.init.empty()) spec.init = init;
  if (!rule_given) return with_init(spec, spec.init);
  check_init(spec.init);  // what a person says of the rule goes before what the file says
  return spec;
}

WorldSpec with_init(WorldSpec spec, const std::string& init) {
  check_init(init);
  spec.init = init;
  if (const auto rule = rule_of(init); rule && spec.params.count("rule")) {
    spec.params["rule"] = *rule;
    spec.params = Params(find_law(spec.law).info().params, spec.params).map();
  }
  return spec;
}

WorldSpec changed_law(const WorldSpec& now, const command::SetLaw& change) {
  auto next = now;
  const bool other = !change.law.empty() && change.law != now.law;
  if (other) {
    next.law = change.law;
    next.preset.clear();
    next.dtype.clear();
    next.params.clear();
  }
  if (other || !change.init.empty()) {
    next.init = change.init;
    next.params.erase("rule");  // a pattern file may bring its own
  }
  if (!change.preset.empty()) {
    next.preset = change.preset;
    next.params.clear();  // a preset says where every parameter stands
  }
  for (const auto& [name, value] : change.params) next.params[name] = value;
  // Without a new start, the init stays what the field once came from.
  return resolve(next);
}

at::Device device_of(const std::string& name) {
  const bool cuda = name == "cuda" || name.rfind("cuda:", 0) == 0;
  if (name != "cpu" && !cuda)
    throw Error(ErrorKind::bad_args, fmt::format("a device is cpu, cuda or cuda:N; got '{}'", name),
                "device");
  if (cuda && !at::hasCUDA())
    throw Error(ErrorKind::unsupported,
                fmt::format("no CUDA here for device '{}'; 'cpu' works", name), "device");
  return at::Device(name);
}

Path path_of(const std::string& name) {
  if (name == "fast") return Path::fast;
  if (name == "reference") return Path::reference;
  throw Error(ErrorKind::bad_args, fmt::format("a path is fast or reference; got '{}'", name),
              "path");
}

}  // namespace atheria
