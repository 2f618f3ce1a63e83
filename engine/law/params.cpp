#include "engine/law/params.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace atheria {
namespace {

const ParamSpec* find(const ParamSchema& schema, const std::string& name) {
  const auto found = std::find_if(schema.begin(), schema.end(),
                                  [&](const ParamSpec& spec) { return spec.name == name; });
  return found == schema.end() ? nullptr : &*found;
}

std::string names_of(const ParamSchema& schema) {
  std::string names;
  for (const auto& spec : schema) names += (names.empty() ? "" : ", ") + spec.name;
  return names.empty() ? "none" : names;
}

[[noreturn]] void refuse(const ParamSpec& spec, const std::string& message) {
  throw Error(ErrorKind::bad_args, fmt::format("parameter {} {}", spec.name, message),
              "params." + spec.name);
}

void check_number(const ParamSpec& spec, double value) {
  if (!std::isfinite(value) || value < spec.lo || value > spec.hi)
    refuse(spec, fmt::format("is {}..{}, got {}", spec.lo, spec.hi, value));
  if (spec.kind == ParamKind::integer && value != std::floor(value))
    refuse(spec, fmt::format("is a whole number, got {}", value));
}

void check_text(const ParamSpec& spec, const std::string& value) {
  if (spec.kind != ParamKind::choice) return;
  if (std::find(spec.choices.begin(), spec.choices.end(), value) == spec.choices.end())
    refuse(spec, fmt::format("is one of {}; got '{}'", fmt::join(spec.choices, ", "), value));
}

void check(const ParamSpec& spec, const ParamValue& value) {
  const bool number = spec.kind == ParamKind::number || spec.kind == ParamKind::integer;
  if (number != std::holds_alternative<double>(value))
    refuse(spec, number ? "is a number, got text" : "is text, got a number");
  if (number)
    check_number(spec, std::get<double>(value));
  else
    check_text(spec, std::get<std::string>(value));
}

}  // namespace

Params::Params(const ParamSchema& schema, const ParamMap& given) {
  for (const auto& [name, value] : given) {
    const auto* spec = find(schema, name);
    if (!spec)
      throw Error(ErrorKind::bad_args,
                  fmt::format("no parameter '{}'; there are: {}", name, names_of(schema)),
                  "params." + name);
    check(*spec, value);
  }
  for (const auto& spec : schema) values_[spec.name] = spec.value;
  for (const auto& [name, value] : given) values_[name] = value;
}

double Params::number(const std::string& name) const { return std::get<double>(values_.at(name)); }

int Params::integer(const std::string& name) const { return static_cast<int>(number(name)); }

const std::string& Params::text(const std::string& name) const {
  return std::get<std::string>(values_.at(name));
}

ParamValue parse_param(const ParamSpec& spec, const std::string& text) {
  if (spec.kind == ParamKind::text || spec.kind == ParamKind::choice) return text;
  if (const auto value = parse_number<double>(text)) return *value;
  refuse(spec, fmt::format("is a number, got '{}'", text));
}

}  // namespace atheria
