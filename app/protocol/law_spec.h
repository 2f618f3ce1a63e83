#pragma once

#include <chrono>
#include <string>

#include "app/protocol/args.h"
#include "engine/law/info.h"

namespace atheria::wire {

// A law that is not built in, as whoever adds it describes it.
struct LawSpec {
  LawInfo info;
  std::chrono::milliseconds budget{1000};  // a step's
};

// From JSON: {"name", "title", "about", "equation", "channels":[{"name","unit","lo","hi",
// "background","ink"}], "params":[{"name","title","value","lo","hi","step","unit","about",
// "choices"}], "dimensions":[2,3], "dtypes":["f32","f64"], "radius", "complex", "init", "view",
// "colormap", "time_step", "budget_ms"}; only name and channels are needed. Throws Error with the
// path of what is wrong; `about` ends with `written`.
LawSpec law_spec_of(const Args& args, const std::string& written);
LawSpec law_spec_of(const std::string& json, const std::string& written);

}  // namespace atheria::wire
