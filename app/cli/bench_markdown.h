#pragma once

#include <string>

#include "app/cli/bench_result.h"

namespace atheria::cli {

// docs/benchmarks.md: how it is measured, and what was found.
std::string to_markdown(const BenchResult& result);

}  // namespace atheria::cli
