#pragma once

#include "app/bench/result.h"

namespace atheria::bench::testing {

// A run with one row, whose ceiling would be reached at 1000.
inline BenchResult run_with(std::vector<double> values, std::string row = "waves") {
  BenchResult result;
  result.date = "2026-01-02T03:04:05Z";
  result.cpu = "A processor";
  result.isa = "avx2";
  result.cores = result.threads = 2;
  result.rounds = static_cast<int>(values.size());
  result.seconds = 1;
  result.ceilings = {{"fma-f32", "multiply and add", "FLOP/s", {5e10}, {1e11}}};
  RowResult found;
  found.name = std::move(row);
  found.what = "Waves";
  found.unit = "cells/s";
  found.cells = 64;
  found.ours.name = "ours";
  found.bounds = {{"fma-f32", 1e8, false, std::vector<double>(values.size(), 1000)}};
  found.ours.per_cpu = values;
  found.ours.values = std::move(values);
  result.rows.push_back(std::move(found));
  return result;
}

inline Side peer(std::string name, std::vector<double> values) {
  Side side;
  side.name = std::move(name);
  side.version = side.name + " 1.0";
  side.per_cpu = values;
  side.values = std::move(values);
  side.agrees = true;
  side.agreement = "exact";
  return side;
}

}  // namespace atheria::bench::testing
