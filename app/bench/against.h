#pragma once

#include <string>
#include <vector>

#include "app/bench/result.h"

// A run beside a stored one, perhaps of another machine.
namespace atheria::bench {

enum class Verdict { same, faster, loss, missing, other };

struct Comparison {
  std::string row;
  Verdict verdict = Verdict::same;
  double ratio = 0;       // now to then, both as a part of their machine's ceiling
  double noise = 0;       // how far from 1 it may be by chance
  std::string note = {};  // why nothing is compared
};

// One for each row of either run. What is compared is a row's part of its ceiling, so that a slower
// machine is no loss; a share is compared as it is. Beyond the noise means beyond the spread of
// both runs, and at least 3 %.
std::vector<Comparison> compare_runs(const BenchResult& now, const BenchResult& then);

bool any_loss(const std::vector<Comparison>& comparisons);

// For people, one line a row.
std::string to_text(const std::vector<Comparison>& comparisons);

}  // namespace atheria::bench
