#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace atheria::bench {

struct Agreement {
  bool agrees = false;
  std::string text;  // "exact", "within 2.1e-07", "differs: 12 of 4096 cells"
};

// Two fields as they lie in memory: float32 with the largest difference as a part of the largest
// number of ours, or words of bits, which must be the same. NaN agrees with nothing.
Agreement compare_floats(const std::vector<std::uint8_t>& ours,
                         const std::vector<std::uint8_t>& theirs, double tolerance);
Agreement compare_bits(const std::vector<std::uint8_t>& ours,
                       const std::vector<std::uint8_t>& theirs);

}  // namespace atheria::bench
