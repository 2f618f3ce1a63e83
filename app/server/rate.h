#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace atheria::server {

// A bucket of tokens: `burst` at once, refilled at `per_second`. Times are microseconds of any
// steady clock, given by the caller.
class RateLimit {
 public:
  RateLimit(double per_second, double burst) : rate_(per_second), burst_(burst), tokens_(burst) {}

  // Takes one if there is one.
  bool take(std::uint64_t now_us) {
    refill(now_us);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  // Milliseconds until take() would succeed, at least 1.
  int retry_after_ms(std::uint64_t now_us) {
    refill(now_us);
    return std::max(1, static_cast<int>(std::ceil((1 - tokens_) / rate_ * 1000)));
  }

 private:
  void refill(std::uint64_t now_us) {
    if (last_us_ != 0 && now_us > last_us_)
      tokens_ = std::min(burst_, tokens_ + static_cast<double>(now_us - last_us_) * 1e-6 * rate_);
    last_us_ = std::max(last_us_, now_us);
  }

  double rate_;
  double burst_;
  double tokens_;
  std::uint64_t last_us_ = 0;
};

}  // namespace atheria::server
