#include "app/protocol/range.h"

#include <algorithm>
#include <cmath>

namespace atheria::wire {
namespace {

constexpr double kHeadroom = 0.1;  // of the span, on each side
constexpr double kUsed = 0.6;      // using less than this of the range is calm
constexpr std::uint64_t kCalmUs = 2'000'000;
constexpr double kLimit = 1e38;          // hi - lo must be a finite float
constexpr double kSmallestSpan = 1e-30;  // and its 65534th part a normal one

Range usable(double lo, double hi) {
  lo = std::clamp(lo, -kLimit, kLimit);
  hi = std::clamp(hi, -kLimit, kLimit);
  // A float next to 1000 is 6e-5 away: a narrower range would be all steps and no slope.
  const double floor = std::max({std::abs(lo), std::abs(hi), kSmallestSpan * 1e5}) * 1e-5;
  if (hi - lo < floor) {
    const double middle = lo + (hi - lo) / 2;
    lo = std::max(middle - floor / 2, -kLimit);
    hi = std::min(middle + floor / 2, kLimit);
  }
  return {static_cast<float>(lo), static_cast<float>(hi)};
}

}  // namespace

AutoRange::AutoRange(RangeWish wish) : wish_(wish) {
  if (wish_.kind == RangeWish::Kind::fixed) range_ = usable(wish_.lo, wish_.hi);
  if (wish_.kind == RangeWish::Kind::symmetric) range_ = {-1, 1};
}

Range AutoRange::update(float lo, float hi, std::uint64_t now_us) {
  const bool known = std::isfinite(lo) && std::isfinite(hi) && lo <= hi;
  if (wish_.kind == RangeWish::Kind::fixed || !known) return range_;
  double low = lo, high = hi;
  if (wish_.kind == RangeWish::Kind::symmetric) {
    high = std::max(std::abs(low), std::abs(high));
    low = -high;
  }
  if (empty_) {
    fit(low, high);
    seen_lo_ = low, seen_hi_ = high, calm_since_ = now_us, empty_ = false;
  } else if (low < range_.lo || high > range_.hi) {
    // Only the side that was left moves, so that the other does not jitter.
    fit(std::min<double>(low, range_.lo + kHeadroom / 1.2 * (range_.hi - range_.lo)),
        std::max<double>(high, range_.hi - kHeadroom / 1.2 * (range_.hi - range_.lo)));
    seen_lo_ = low, seen_hi_ = high, calm_since_ = now_us;
  } else {
    note(low, high, now_us);
  }
  return range_;
}

void AutoRange::note(double lo, double hi, std::uint64_t now_us) {
  seen_lo_ = std::min(seen_lo_, lo);
  seen_hi_ = std::max(seen_hi_, hi);
  const double span = static_cast<double>(range_.hi) - range_.lo;
  if (seen_hi_ - seen_lo_ >= kUsed * span) {
    seen_lo_ = lo, seen_hi_ = hi, calm_since_ = now_us;
  } else if (now_us - calm_since_ >= kCalmUs) {
    fit(seen_lo_, seen_hi_);
    seen_lo_ = lo, seen_hi_ = hi, calm_since_ = now_us;
  }
}

void AutoRange::fit(double lo, double hi) {
  // A constant picture shows as the middle of a range about itself; an empty one as the lowest of
  // 0..1.
  double room = kHeadroom * (hi - lo);
  if (hi == lo) room = lo == 0 ? 1 : std::abs(lo) / 2;
  double low = lo - room, high = hi + room;
  if (wish_.kind == RangeWish::Kind::automatic) {
    // Nor does it cross zero: where nothing is stays the first colour of a density.
    if (lo >= wish_.floor) low = std::max(low, wish_.floor);
    if (hi <= wish_.ceiling) high = std::min(high, wish_.ceiling);
    if (lo >= 0) low = std::max(low, 0.0);
    if (hi < 0) high = std::min(high, 0.0);
  }
  range_ = usable(low, high);
}

}  // namespace atheria::wire
