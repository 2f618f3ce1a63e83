#include <algorithm>
#include <array>

#include "engine/view/reduce.h"

namespace atheria {

namespace {

// Adds neighbouring groups of bits until each group of 2^lod holds how many of its bits were set.
template <int lod>
std::uint64_t count_groups(std::uint64_t word) {
  constexpr std::array<std::uint64_t, 6> masks = {0x5555555555555555, 0x3333333333333333,
                                                  0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF,
                                                  0x0000FFFF0000FFFF, 0x00000000FFFFFFFF};
  for (int level = 0; level < lod; ++level) {
    const int shift = 1 << level;
    word = (word & masks[level]) + (word >> shift & masks[level]);
  }
  return word;
}

// Eight groups of 2^lod bits, one to a byte.
template <int lod>
std::uint64_t spread(std::uint64_t groups) {
  if constexpr (lod == 1) {
    groups = (groups | groups << 24) & 0x000000FF000000FF;
    groups = (groups | groups << 12) & 0x000F000F000F000F;
    groups = (groups | groups << 6) & 0x0303030303030303;
  } else if constexpr (lod == 2) {
    groups = (groups | groups << 16) & 0x0000FFFF0000FFFF;
    groups = (groups | groups << 8) & 0x00FF00FF00FF00FF;
    groups = (groups | groups << 4) & 0x0F0F0F0F0F0F0F0F;
  }
  return groups;
}

// lod 1 to 3: a texel has at most 64 cells, so a byte counts them, eight texels to a word.
template <int lod>
void add_as_bytes(const std::uint64_t* words, int count, std::uint64_t* bytes) {
  constexpr int parts = 8 >> lod;
  constexpr int bits = 64 / parts;
  constexpr std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t groups = count_groups<lod>(words[i]);
    for (int part = 0; part < parts; ++part) {
      bytes[i * parts + part] += spread<lod>(groups >> (part * bits) & mask);
    }
  }
}

// lod 4 and 5: a word is of a few texels. The last may hold more groups than there are texels.
template <int lod>
void add_as_groups(const std::uint64_t* words, int count, std::uint64_t* texels) {
  constexpr int bits = 1 << lod;
  constexpr int groups = 64 >> lod;
  constexpr std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t sums = count_groups<lod>(words[i]);
    for (int group = 0; group < groups; ++group)
      texels[i * groups + group] += sums >> (group * bits) & mask;
  }
}

// From lod 6 on a texel is of whole words.
void add_as_words(const std::uint64_t* words, int count, int lod, std::uint64_t* texels) {
  for (int i = 0; i < count; ++i) texels[i >> (lod - 6)] += count_groups<6>(words[i]);
}

// Adds a row's set bits to the texels they belong to; see count_at for how they are kept.
void add_words(const std::uint64_t* words, int count, int lod, std::uint64_t* counts) {
  switch (lod) {
    case 1:
      return add_as_bytes<1>(words, count, counts);
    case 2:
      return add_as_bytes<2>(words, count, counts);
    case 3:
      return add_as_bytes<3>(words, count, counts);
    case 4:
      return add_as_groups<4>(words, count, counts);
    case 5:
      return add_as_groups<5>(words, count, counts);
    default:
      return add_as_words(words, count, lod, counts);
  }
}

std::uint64_t count_at(const std::uint64_t* counts, int lod, int texel) {
  return lod <= 3 ? counts[texel / 8] >> (texel % 8 * 8) & 0xFF : counts[texel];
}

// The words of a row: of the channel, or of what changed; or-ed over all layers for Depth::max.
// Either the plane's own or made in `made`.
const std::uint64_t* read_words(const CellSource& source, int first, int count, int y,
                                std::uint64_t* made) {
  const bool all = source.depth == Depth::max;
  const bool change = source.quantity == Quantity::change;
  if (!all && !change) return source.now.row<std::uint64_t>(source.channel, y, source.z) + first;
  const int from = all ? 0 : source.z;
  const int to = all ? source.now.grid.depth : source.z + 1;
  std::fill_n(made, count, 0);
  if (change && source.before.data == nullptr) return made;
  for (int layer = from; layer < to; ++layer) {
    const auto* now = source.now.row<std::uint64_t>(source.channel, y, layer) + first;
    if (change) {
      const auto* before = source.before.row<std::uint64_t>(source.channel, y, layer) + first;
      for (int i = 0; i < count; ++i) made[i] |= now[i] ^ before[i];
    } else {
      for (int i = 0; i < count; ++i) made[i] |= now[i];
    }
  }
  return made;
}

float texel_of(std::uint64_t set, double cells, Reduce reduce) {
  if (reduce == Reduce::max) return set > 0 ? 1.0F : 0.0F;
  if (reduce == Reduce::min) return static_cast<double>(set) == cells ? 1.0F : 0.0F;
  return static_cast<float>(static_cast<double>(set) / cells);
}

}  // namespace

bool can_count_bits(const CellSource& source, const Window& window, Reduce reduce) {
  const bool plain = source.quantity == Quantity::channel ||
                     (source.quantity == Quantity::change && source.now.channels == 1);
  return source.now.dtype == Dtype::bits && plain && window.lod > 0 && reduce != Reduce::sample;
}

void count_bit_rows(const CellSource& source, const Window& window, Reduce reduce,
                    std::int64_t first, std::int64_t last, float* picture, Scratch& scratch,
                    Extent& extent) {
  const Roi& roi = window.roi;
  const int word = roi.x / 64;  // a tile is at least 128 cells here, so a roi begins with a word
  const int words = (roi.w + 63) / 64;
  for (std::int64_t line = first; line < last; ++line) {
    const int above = static_cast<int>(line) << window.lod;
    const int rows = std::min(1 << window.lod, roi.h - above);
    std::uint64_t* const counts = scratch.counts();
    std::fill_n(counts, scratch.count_size(), 0);
    for (int row = 0; row < rows; ++row) {
      const auto* bits = read_words(source, word, words, roi.y + above + row, scratch.words());
      add_words(bits, words, window.lod, counts);
    }
    float* const out = picture + line * window.width;
    const double whole = static_cast<double>(rows) * (1 << window.lod);
    const int last_texel = window.width - 1;
    for (int i = 0; i < last_texel; ++i)
      out[i] = texel_of(count_at(counts, window.lod, i), whole, reduce);
    const int columns = roi.w - (last_texel << window.lod);
    out[last_texel] = texel_of(count_at(counts, window.lod, last_texel),
                               static_cast<double>(rows) * columns, reduce);
    extent.add(out, window.width);
  }
}

}  // namespace atheria
