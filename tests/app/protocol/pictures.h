#pragma once

#include <algorithm>
#include <cmath>
#include <random>

#include "app/protocol/quantise.h"

// Small frames to encode in tests.
namespace atheria::wire {

// Values from a function of (x, y, channel).
template <class Function>
Frame frame_of(int width, int height, int channels, Function value) {
  Frame frame;
  frame.step = 1;
  Picture& picture = frame.picture;
  picture.width = width;
  picture.height = height;
  picture.channels = channels;
  picture.lo = INFINITY;
  picture.hi = -INFINITY;
  for (int c = 0; c < channels; ++c) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const float v = static_cast<float>(value(x, y, c));
        picture.values.push_back(v);
        if (!std::isfinite(v)) {
          picture.has_nan = true;
          continue;
        }
        picture.lo = std::min(picture.lo, v);
        picture.hi = std::max(picture.hi, v);
      }
    }
  }
  if (picture.lo > picture.hi) picture.lo = picture.hi = 0;
  return frame;
}

// Smooth with a little noise and some cells that are not numbers: what pictures are like.
inline Frame random_frame(unsigned seed, int width, int height, int channels, double not_numbers) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  const double phase = unit(random);
  return frame_of(width, height, channels, [&](int x, int y, int c) {
    if (unit(random) < not_numbers) return unit(random) < 0.5 ? double{NAN} : double{INFINITY};
    return std::sin(0.1 * x + phase) * std::cos(0.07 * y) + c + 0.01 * unit(random);
  });
}

}  // namespace atheria::wire
