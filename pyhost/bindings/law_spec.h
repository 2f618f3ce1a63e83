#pragma once

#include <chrono>
#include <string>

#include "engine/law/info.h"

namespace atheria::pyhost {

struct LawSpec {
  LawInfo info;
  std::chrono::milliseconds budget{1000};  // a step's
};

// From JSON: {"name", "title", "about", "equation", "channels":[{"name","unit","lo","hi",
// "background","ink"}], "params":[{"name","title","value","lo","hi","step","unit","about",
// "choices"}], "dimensions":[2,3], "dtypes":["f32","f64"], "radius", "complex", "init", "view",
// "colormap", "time_step", "budget_ms"}; only name and channels are needed. Throws Error with the
// path of what is wrong.
LawSpec law_spec_of(const std::string& json);

}  // namespace atheria::pyhost
