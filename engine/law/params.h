#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

// A law's parameters: what there is (schema) and what was chosen (Params). No torch here.
namespace atheria {

using ParamValue = std::variant<double, std::string>;
using ParamMap = std::map<std::string, ParamValue>;

enum class ParamKind { number, integer, text, choice };

struct ParamSpec {
  std::string name;   // "feed"
  std::string title;  // "Feed rate"
  ParamKind kind = ParamKind::number;
  ParamValue value = 0.0;  // the default
  double lo = 0;           // numbers: closed range
  double hi = 1;
  double step = 0;                        // a slider's step; 0: continuous
  std::string unit = {};                  // "1/step", "cells"
  std::string about = {};                 // one line for a person
  std::vector<std::string> choices = {};  // choice: what may be chosen
};

using ParamSchema = std::vector<ParamSpec>;

// Values for every parameter of a schema, all within range. A value type: copy it freely.
class Params {
 public:
  Params() = default;

  // Defaults overlaid with `given`. Throws Error naming the parameter, the value and the range, or
  // the names that exist when one is unknown.
  Params(const ParamSchema& schema, const ParamMap& given);

  double number(const std::string& name) const;
  int integer(const std::string& name) const;
  const std::string& text(const std::string& name) const;  // text and choice

  const ParamMap& map() const { return values_; }

 private:
  ParamMap values_;
};

// "F=0.04" with the schema's kind; throws Error.
ParamValue parse_param(const ParamSpec& spec, const std::string& text);

}  // namespace atheria
