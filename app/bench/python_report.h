#pragma once

#include <string>
#include <vector>

#include "app/bench/bench.h"
#include "app/protocol/json_text.h"

namespace atheria::bench {

// One thing measured, beside what it is compared with: the other side of each round, or a limit.
struct PythonRow {
  std::string what, unit;
  std::vector<double> values;
  std::string than;
  std::vector<double> others;
};

void report_python(const std::vector<PythonRow>& rows, const PythonOptions& options, int threads,
                   const wire::json::object& python);

}  // namespace atheria::bench
