#include "engine/field/seed_patterns.h"

#include <algorithm>
#include <cmath>

#include "engine/field/lenia_cells.h"

namespace atheria {
namespace {

struct Disc {
  int x, y;
  int shift;  // cells by which each further channel lies to the right: a creature with a front
              // moves
};

// Discs that grow into swimmers under the default kernels of lenia-3.
SeedPattern aquarium() {
  constexpr int kSide = 96;
  constexpr int kRadius = 6;
  constexpr Disc kDiscs[] = {{24, 26, 2}, {72, 22, 0}, {46, 70, 1}};
  SeedPattern pattern{.name = "aquarium",
                      .title = "Discs that become swimmers",
                      .source = "Atheria",
                      .channels = 3,
                      .width = kSide,
                      .height = kSide,
                      .values = std::vector<float>(std::size_t{3} * kSide * kSide)};
  auto* value = pattern.values.data();
  for (int channel = 0; channel < 3; ++channel)
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < kSide; ++x, ++value)
        for (const auto& disc : kDiscs) {
          const int dx = x - disc.x - channel * disc.shift;
          const int dy = y - disc.y;
          if (dx * dx + dy * dy < kRadius * kRadius) *value = 1;
        }
  return pattern;
}

// A round condensate of central density 1 with one quantum of circulation, off its centre so that
// it precesses.
SeedPattern vortex() {
  constexpr int kSide = 96;
  constexpr double kCloud = 38;  // Thomas-Fermi radius for g = 0.05, omega = 0.0083
  constexpr double kCore = 3.2;  // healing length 1 / sqrt(2 g)
  constexpr double kOffset = 10;
  SeedPattern pattern{.name = "vortex",
                      .title = "A condensate with one vortex",
                      .source = "Atheria",
                      .channels = 2,
                      .width = kSide,
                      .height = kSide,
                      .values = std::vector<float>(std::size_t{2} * kSide * kSide)};
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const double dx = x - kSide / 2.0;
      const double dy = y - kSide / 2.0;
      const double inside = 1 - (dx * dx + dy * dy) / (kCloud * kCloud);
      const double away = std::hypot(dx - kOffset, dy);
      const double amplitude = std::sqrt(std::max(inside, 0.0)) * std::tanh(away / kCore);
      const double angle = std::atan2(dy, dx - kOffset);
      const auto at = static_cast<std::size_t>(y * kSide + x);
      pattern.values[at] = static_cast<float>(amplitude * std::cos(angle));
      pattern.values[at + std::size_t{kSide} * kSide] =
          static_cast<float>(amplitude * std::sin(angle));
    }
  return pattern;
}

const std::vector<SeedPattern>& all_patterns() {
  static const std::vector<SeedPattern> patterns{orbium(), hydrogeminium(), aquarium(), vortex()};
  return patterns;
}

}  // namespace

const SeedPattern* find_seed_pattern(std::string_view name) {
  const auto& patterns = all_patterns();
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const SeedPattern& pattern) { return pattern.name == name; });
  return found == patterns.end() ? nullptr : &*found;
}

std::vector<std::string> seed_pattern_names() {
  std::vector<std::string> names;
  for (const auto& pattern : all_patterns()) names.push_back(pattern.name);
  return names;
}

}  // namespace atheria
