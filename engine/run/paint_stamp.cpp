#include "engine/run/paint_stamp.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/field/patterns.h"

namespace atheria {

namespace {

[[noreturn]] void refuse(ErrorKind kind, const std::string& message) {
  throw Error(kind, message, "args.pattern");
}

bool looks_like_rle(const std::string& text) {
  return text.find_first_of("!#\n=") != std::string::npos;
}

Stamp from_rle(const std::string& text) {
  Stamp stamp;
  try {
    stamp.cells = parse_rle(text);
  } catch (const Error& error) {
    refuse(error.kind(), error.what());
  }
  stamp.width = stamp.cells.width;
  stamp.height = stamp.cells.height;
  return stamp;
}

Stamp from_seed(const SeedPattern& seed) {
  Stamp stamp;
  stamp.seed = &seed;
  stamp.width = seed.width;
  stamp.height = seed.height;
  return stamp;
}

[[noreturn]] void refuse_name(const std::string& name) {
  std::vector<std::string> names = seed_pattern_names();
  for (const NamedPattern& pattern : life_patterns()) names.push_back(pattern.name);
  refuse(ErrorKind::not_found, fmt::format("there is no pattern '{}'; give RLE text or one of {}",
                                           name, fmt::join(names, ", ")));
}

struct Corner {
  std::int64_t x, y;
};

Corner corner_of(const Stamp& stamp, const std::array<float, 2>& point) {
  return {std::llround(point[0]) - stamp.width / 2, std::llround(point[1]) - stamp.height / 2};
}

std::int64_t wrap(std::int64_t value, std::int64_t side) { return (value % side + side) % side; }

double seed_target(const Channel& channel, const Paint& paint, double seeded) {
  const double value = paint.value;
  return channel.background * (1 - value) + seeded * value;
}

std::size_t seed_index(const SeedPattern& seed, int channel, int x, int y) {
  return (static_cast<std::size_t>(channel) * seed.height + y) * seed.width + x;
}

bool seed_touches(const SeedPattern& seed, int x, int y) {
  for (int channel = 0; channel < seed.channels; ++channel) {
    if (seed.values[seed_index(seed, channel, x, y)] != 0) return true;
  }
  return false;
}

void check_seed(const Field& field, const std::vector<Channel>& channels, const Paint& paint,
                const SeedPattern& seed) {
  if (field.dtype() == Dtype::bits) {
    refuse(ErrorKind::bad_args,
           fmt::format("pattern '{}' has continuous cells, this field bits", seed.name));
  }
  if (seed.channels > field.channels()) {
    refuse(ErrorKind::bad_args, fmt::format("pattern '{}' has {} channels, this field {}",
                                            seed.name, seed.channels, field.channels()));
  }
  const double most = field.dtype() == Dtype::f32 ? std::numeric_limits<float>::max()
                                                  : std::numeric_limits<double>::max();
  for (int channel = 0; channel < seed.channels; ++channel) {
    const auto first =
        seed.values.begin() + static_cast<std::ptrdiff_t>(seed_index(seed, channel, 0, 0));
    const auto [lo, hi] =
        std::minmax_element(first, first + std::ptrdiff_t{seed.width} * seed.height);
    for (const double extreme : {double{*lo}, double{*hi}}) {
      if (std::abs(seed_target(channels[channel], paint, extreme)) <= most) continue;
      throw Error(ErrorKind::bad_args,
                  fmt::format("value {} makes channel '{}' larger than the field holds",
                              paint.value, channels[channel].name),
                  "args.value");
    }
  }
}

template <typename T>
void put_as(Field& field, const std::vector<Channel>& channels, const Paint& paint,
            const SeedPattern& seed, Corner corner, int z) {
  const GridSpec& grid = field.grid();
  T* const cells = field.planes().data_ptr<T>();
  for (int y = 0; y < seed.height; ++y) {
    for (int x = 0; x < seed.width; ++x) {
      if (!seed_touches(seed, x, y)) continue;
      const std::int64_t column = wrap(corner.x + x, grid.width);
      const std::int64_t row = wrap(corner.y + y, grid.height);
      for (int channel = 0; channel < seed.channels; ++channel) {
        if (!paint.channel.empty() && channels[channel].name != paint.channel) continue;
        const std::int64_t plane = (std::int64_t{channel} * grid.depth + z) * grid.height;
        cells[(plane + row) * grid.width + column] = static_cast<T>(
            seed_target(channels[channel], paint, seed.values[seed_index(seed, channel, x, y)]));
      }
    }
  }
}

}  // namespace

double Stamp::work() const {
  return seed != nullptr ? static_cast<double>(width) * static_cast<double>(height)
                         : static_cast<double>(cells.population());
}

Stamp stamp_of(const std::string& pattern) {
  if (looks_like_rle(pattern)) return from_rle(pattern);
  if (const NamedPattern* found = find_life_pattern(pattern)) return from_rle(found->rle);
  if (const SeedPattern* found = find_seed_pattern(pattern)) return from_seed(*found);
  refuse_name(pattern);
}

void check_stamp(const Field& field, const std::vector<Channel>& channels, const Paint& paint,
                 const Stamp& stamp) {
  const GridSpec& grid = field.grid();
  if (stamp.width > grid.width || stamp.height > grid.height) {
    refuse(ErrorKind::bad_args, fmt::format("the pattern is {}x{} cells, the field {}x{}",
                                            stamp.width, stamp.height, grid.width, grid.height));
  }
  if (stamp.seed != nullptr) check_seed(field, channels, paint, *stamp.seed);
}

void cover(Coverage& coverage, const Stamp& stamp, const std::array<float, 2>& point) {
  const Corner corner = corner_of(stamp, point);
  for (const RleRun& run : stamp.cells.runs) {
    for (std::int64_t i = 0; i < run.length; ++i) {
      coverage.add_cell(corner.x + run.x + i, corner.y + run.y);
    }
  }
}

void put_seed(Field& field, const std::vector<Channel>& channels, const Paint& paint,
              const Stamp& stamp, const std::array<float, 2>& point, int z) {
  const Corner corner = corner_of(stamp, point);
  if (field.dtype() == Dtype::f32)
    return put_as<float>(field, channels, paint, *stamp.seed, corner, z);
  put_as<double>(field, channels, paint, *stamp.seed, corner, z);
}

}  // namespace atheria
