#pragma once

#include <cstdint>
#include <limits>

namespace atheria::wire {

// The values that the smallest and the largest code stand for; lo < hi.
struct Range {
  float lo = 0, hi = 1;
  bool operator==(const Range&) const = default;
};

// What a client asked for.
struct RangeWish {
  enum class Kind { automatic, symmetric, fixed };
  Kind kind = Kind::automatic;
  double lo = 0, hi = 1;  // fixed
  // Automatic: headroom ends here, unless values themselves go beyond. Life's whitest white is 1, not 1.1.
  double floor = -std::numeric_limits<double>::infinity();
  double ceiling = std::numeric_limits<double>::infinity();
  bool operator==(const RangeWish&) const = default;
};

// Follows a stream of pictures without flicker: grows at once, with 10 % headroom; shrinks when for
// 2 s less than 60 % of it was used. A fixed wish (and a cyclic view, whose own range the caller
// passes as one) never moves. Not thread-safe.
class AutoRange {
 public:
  explicit AutoRange(RangeWish wish = {});

  // lo and hi: the picture's smallest and largest finite values; a picture without any (lo > hi or
  // not finite) changes nothing. `now_us`: any steady clock.
  Range update(float lo, float hi, std::uint64_t now_us);

  Range range() const { return range_; }

 private:
  void fit(double lo, double hi);
  void note(double lo, double hi, std::uint64_t now_us);

  RangeWish wish_;
  Range range_;
  bool empty_ = true;   // nothing seen yet
  double seen_lo_ = 0;  // extremes since calm_since_
  double seen_hi_ = 0;
  std::uint64_t calm_since_ = 0;
};

}  // namespace atheria::wire
