#pragma once

#include <vector>

// What several measurements of one thing say.
namespace atheria::bench {

struct Spread {
  double median = 0;
  double least = 0, most = 0;
  int count = 0;

  // (most - least) / median: how much a single measurement means. 0 for none.
  double relative() const;
};

Spread spread_of(std::vector<double> values);

// a[i] / b[i] of those that both have: pairs were measured within seconds of each other, so a slow
// minute of the machine is in both.
std::vector<double> paired_ratios(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace atheria::bench
