#pragma once

#include <cstdint>

#include "engine/kernels/cpu/life_kernels.h"

// A world as rows of words, the way a field of bits holds it: bit x % 64 of word x / 64, bits past
// the width zero.
namespace atheria::cpu {

struct LifeRows {
  std::int64_t width, height;
  std::int64_t words() const { return (width + 63) / 64; }
  std::int64_t strips() const { return (words() + 7) / 8; }  // of eight words; the last may be less
};

// Rows [begin, end) of a strip, from one generation into another.
LifeStrip life_strip(const LifeRows& world, std::int64_t strip, std::int64_t begin,
                     std::int64_t end, const std::uint64_t* from, std::uint64_t* to);

}  // namespace atheria::cpu
