#pragma once

#include <cmath>

// Functions whose last bit differs between C libraries, from sums and products alone: starting
// states are the same bits on any machine. Within 2 ulp.
namespace atheria {

struct CosSin {
  double cos, sin;
};

// Of an angle in turns: 1 is a full circle.
inline CosSin cos_sin_turns(double turns) {
  const double rest = turns - std::floor(turns);                    // [0, 1)
  const double quarter = std::floor(rest * 4 + 0.5);                // 0..4
  const double a = (rest - quarter / 4) * 6.283185307179586476925;  // [-pi/4, pi/4]
  const double square = a * a;
  double c = 1, s = 1;  // Taylor, innermost term first
  for (int n = 18; n > 0; n -= 2) {
    c = 1 - square * c / ((n - 1) * n);
    s = 1 - square * s / (n * (n + 1));
  }
  s *= a;
  switch (static_cast<int>(quarter) % 4) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

// e^x for x <= 0.
inline double exp_below_zero(double x) {
  if (x < -700) return 0;
  const double power = std::floor(x * 1.44269504088896340736 + 0.5);
  const double rest = x - power * 6.93147180369123816490e-01 - power * 1.90821492927058770002e-10;
  double sum = 1;  // Taylor, innermost term first
  for (int n = 15; n > 0; --n) sum = 1 + rest * sum / n;
  return std::ldexp(sum, static_cast<int>(power));
}

}  // namespace atheria
