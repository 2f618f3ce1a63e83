#include <fmt/format.h>

#include <functional>
#include <limits>
#include <map>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/run/catalog.h"
#include "engine/run/world.h"

namespace atheria {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error(
      ErrorKind::bad_args,
      fmt::format("world '{}': {}; the form is NAME=LAW,WxH[xD][,seed=N][,init=...]", text, why),
      "world");
}

template <class Number>
Number number(const std::string& text, const std::string& key, const std::string& value) {
  if (const auto parsed = parse_number<Number>(value)) return *parsed;
  if constexpr (std::is_floating_point_v<Number>)
    refuse(text, fmt::format("{} is a number, got '{}'", key, value));
  else
    refuse(text, fmt::format("{} is a whole number {}..{}, got '{}'", key,
                             std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max(),
                             value));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (true) {
    const auto comma = text.find(',', from);
    parts.push_back(text.substr(from, comma - from));
    if (comma == std::string::npos) return parts;
    from = comma + 1;
  }
}

using Setter = std::function<void(WorldSpec&, const std::string& value)>;

// What may follow the size, besides the law's own parameters.
std::map<std::string, Setter> setters(const std::string& text) {
  return {
      {"seed", [=](auto& s, auto& v) { s.seed = number<std::uint64_t>(text, "seed", v); }},
      {"init", [](auto& s, auto& v) { s.init = v; }},
      {"preset", [](auto& s, auto& v) { s.preset = v; }},
      {"dtype", [](auto& s, auto& v) { s.dtype = v; }},
      {"device", [](auto& s, auto& v) { s.device = v; }},
      {"path", [](auto& s, auto& v) { s.path = v; }},
      {"fps", [=](auto& s, auto& v) { s.pace.max_fps = number<double>(text, "fps", v); }},
      {"sps", [=](auto& s, auto& v) { s.pace.steps_per_second = number<double>(text, "sps", v); }},
      {"every", [=](auto& s, auto& v) { s.pace.every = number<std::uint32_t>(text, "every", v); }},
      {"guard",
       [=](auto& s, auto& v) {
         if (v != "pause" && v != "off") refuse(text, "guard is pause or off");
         s.guard = v == "off" ? Guard::off : Guard::pause;
       }},
  };
}

const ParamSpec* parameter(const LawInfo& law, const std::string& key) {
  for (const auto& spec : law.params)
    if (spec.name == key) return &spec;
  return nullptr;
}

void head(WorldSpec& spec, const std::string& text, const std::vector<std::string>& parts) {
  const auto equals = parts[0].find('=');
  if (equals == std::string::npos || equals == 0 || parts.size() < 2)
    refuse(text, "it needs a name, a law and a size");
  spec.name = parts[0].substr(0, equals);
  spec.law = parts[0].substr(equals + 1);
  spec.grid = parse_grid(parts[1]);
}

}  // namespace

WorldSpec parse_world(const std::string& text) {
  WorldSpec spec;
  const auto parts = split(text);
  head(spec, text, parts);
  const auto& law = law_info(spec.law);
  const auto known = setters(text);
  bool in_init = false;
  for (std::size_t i = 2; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    const auto key = parts[i].substr(0, equals);
    const auto value = equals == std::string::npos ? "" : parts[i].substr(equals + 1);
    const auto setter = known.find(key);
    if (setter != known.end() && equals != std::string::npos)
      setter->second(spec, value);
    else if (const auto* param = parameter(law, key); param && equals != std::string::npos)
      spec.params[key] = parse_param(*param, value);
    else if (parts[i] == "paused")
      spec.playing = false;
    else if (in_init) {
      spec.init += "," + parts[i];
      continue;
    }  // an init has commas of its own
    else
      refuse(text, fmt::format("'{}' is neither an option nor a parameter of law '{}'", parts[i],
                               law.name));
    in_init = key == "init";
  }
  return spec;
}

}  // namespace atheria
