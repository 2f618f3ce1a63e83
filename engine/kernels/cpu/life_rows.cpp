#include "engine/kernels/cpu/life_rows.h"

#include <algorithm>

namespace atheria::cpu {

LifeStrip life_strip(const LifeRows& world, std::int64_t strip, std::int64_t begin,
                     std::int64_t end, const std::uint64_t* from, std::uint64_t* to) {
  const std::int64_t words = world.words(), first = strip * 8;
  const int last = static_cast<int>((world.width - 1) % 64 + 1);
  const bool at_west = strip == 0, at_east = first + 8 >= words;
  const std::int64_t west = at_west ? words - 1 : first - 1, east = at_east ? 0 : first + 8;
  LifeStrip s = {};
  const auto point = [&](const std::uint64_t** row, std::int64_t y) {
    const std::uint64_t* const at = from + y * words;
    row[0] = at + west;
    row[1] = at + first;
    row[2] = at + east;
  };
  point(s.above, begin > 0 ? begin - 1 : world.height - 1);
  point(s.here, begin);
  point(s.below, end < world.height ? end : 0);
  s.pitch = s.out_pitch = words;
  s.rows = end - begin;
  s.words = static_cast<int>(std::min<std::int64_t>(words - first, 8));
  s.last = at_east ? last : 64;
  s.west_shift = at_west ? 64 - last : 0;
  s.out = to + begin * words + first;
  return s;
}

}  // namespace atheria::cpu
