#include "app/bench/compare.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>

namespace atheria::bench {
namespace {

float number_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  float number = 0;
  std::memcpy(&number, &bytes[at], sizeof number);
  return number;
}

Agreement other_size(std::size_t ours, std::size_t theirs) {
  return {false, fmt::format("differs: {} bytes, ours has {}", theirs, ours)};
}

}  // namespace

Agreement compare_floats(const std::vector<std::uint8_t>& ours,
                         const std::vector<std::uint8_t>& theirs, double tolerance) {
  if (ours.size() != theirs.size()) return other_size(ours.size(), theirs.size());
  double apart = 0, largest = 0;
  for (std::size_t at = 0; at + sizeof(float) <= ours.size(); at += sizeof(float)) {
    const double a = number_at(ours, at), b = number_at(theirs, at);
    if (!std::isfinite(a) || !std::isfinite(b)) return {false, "differs: NaN or infinite numbers"};
    apart = std::max(apart, std::abs(a - b));
    largest = std::max(largest, std::abs(a));
  }
  if (largest == 0) return {false, "nothing left of the state to compare"};
  const double relative = apart / largest;
  if (relative <= tolerance)
    return {true, apart == 0 ? "exact" : fmt::format("within {:.1e}", relative)};
  return {false, fmt::format("differs by {:.1e}, allowed is {:.0e}", relative, tolerance)};
}

Agreement compare_bits(const std::vector<std::uint8_t>& ours,
                       const std::vector<std::uint8_t>& theirs) {
  if (ours.size() != theirs.size()) return other_size(ours.size(), theirs.size());
  std::size_t other = 0, living = 0;
  for (std::size_t at = 0; at < ours.size(); ++at) {
    other += static_cast<std::size_t>(
        std::popcount(static_cast<unsigned>(static_cast<std::uint8_t>(ours[at] ^ theirs[at]))));
    living += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(ours[at])));
  }
  if (living == 0) return {false, "nothing left of the state to compare"};
  if (other == 0) return {true, "exact"};
  return {false, fmt::format("differs: {} cells, {} live", other, living)};
}

}  // namespace atheria::bench
