#include "engine/kernels/cpu/life_stripes.h"

#include <algorithm>

namespace atheria::cpu {
namespace {

using Word = std::uint64_t;

// Rows above and below a slab: what kLifeFused steps reach, and one more that is read but not used.
constexpr std::int64_t kMargin = kLifeFused + 2;

// Narrower worlds have too few columns for it to pay.
constexpr std::int64_t kLeastWidth = 8 * 64;

// Words between rows, so that rows do not fall onto each other in the cache.
constexpr std::int64_t kPadding = 0;

}  // namespace

Word* LifeStripes::row(int slab, std::int64_t y) const {
  return cells + slab * slab_words + (kMargin + y) * pitch;
}

Word* LifeStripes::ring(int slab) const { return rings + slab * ring_words; }

std::int64_t LifeStripes::first_row(std::int64_t band) const {
  return height * band / (static_cast<std::int64_t>(slabs) * lanes);
}

std::int64_t LifeStripes::first_cell(std::int64_t segment) const { return width * segment / 64; }

bool plan_life_stripes(LifeStripes& stripes, std::int64_t width, std::int64_t height, int lanes,
                       int slabs) {
  slabs = static_cast<int>(std::min<std::int64_t>(slabs, height / (lanes * 2 * kMargin)));
  if (slabs < 1 || width < kLeastWidth) return false;
  const std::int64_t bands = static_cast<std::int64_t>(slabs) * lanes;
  stripes.width = width;
  stripes.height = height;
  stripes.words = (width + 63) / 64;
  stripes.lanes = lanes;
  stripes.slabs = slabs;
  stripes.columns = (width + 63) / 64;
  stripes.rows = (height + bands - 1) / bands;
  stripes.pitch = stripes.columns * lanes + kPadding;
  stripes.slab_words = (stripes.rows + 2 * kMargin) * stripes.pitch;
  stripes.ring_words = (kLifeFused - 1) * kLifeRing * stripes.pitch;
  stripes.longest = 0;
  for (int b = 0; b < 64; ++b)
    if (stripes.first_cell(b + 1) - stripes.first_cell(b) == stripes.columns)
      stripes.longest |= Word{1} << b;
  return true;
}

}  // namespace atheria::cpu
