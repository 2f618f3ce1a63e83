#pragma once

#include <string>

#include "app/bench/result.h"

namespace atheria::bench {

// docs/benchmarks.md: how it is measured, and what was found.
std::string to_markdown(const BenchResult& result);

}  // namespace atheria::bench
