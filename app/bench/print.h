#pragma once

#include <string>

#include "app/bench/result.h"

// A run for people, part by part.
namespace atheria::bench {

// "28.3 Mcells/s", "3.1 us a step", "99.2 %".
std::string shown(const RowResult& row, double value);

// "532 GFLOP/s".
std::string shown_rate(double value, const std::string& unit);

// "asked 5x", and what is possible at the ceiling where that is less.
std::string asked(const RowResult& row, const Side& peer);

std::string head_text(const BenchResult& result);
std::string row_text(const RowResult& row);

}  // namespace atheria::bench
