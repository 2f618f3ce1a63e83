#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/field/field.h"
#include "engine/field/rle.h"
#include "engine/field/seed_patterns.h"
#include "engine/run/coverage.h"
#include "engine/run/edit.h"

// Patterns as a tool: live cells of Life, or the seed of a continuous law with its own values.
namespace atheria {

struct Stamp {
  RlePattern cells;                   // what to ink; without runs for a seed
  const SeedPattern* seed = nullptr;  // values to put; lives as long as the process
  std::int64_t width = 0, height = 0;

  // Cells one stamping writes.
  double work() const;
};

// Reads RLE text (it has a '!', a line break or a '#'), or finds a pattern by name. Throws Error
// with path "args.pattern".
Stamp stamp_of(const std::string& pattern);

// Throws Error unless the stamp fits into the field.
void check_stamp(const Field& field, const std::vector<Channel>& channels, const Paint& paint,
                 const Stamp& stamp);

// Marks the live cells, the pattern's middle at the point.
void cover(Coverage& coverage, const Stamp& stamp, const std::array<float, 2>& point);

// Puts the seed's values where any of its channels is not zero, its middle at the point; mixes from
// the background by paint.value.
void put_seed(Field& field, const std::vector<Channel>& channels, const Paint& paint,
              const Stamp& stamp, const std::array<float, 2>& point, int z);

}  // namespace atheria
