#include "app/bench/stats.h"

#include <algorithm>

#include "app/cli/machine.h"

namespace atheria::bench {

double Spread::relative() const { return median > 0 ? (most - least) / median : 0; }

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {cli::median(values), *least, *most, static_cast<int>(values.size())};
}

std::vector<double> paired_ratios(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (b[i] > 0) ratios.push_back(a[i] / b[i]);
  return ratios;
}

}  // namespace atheria::bench
