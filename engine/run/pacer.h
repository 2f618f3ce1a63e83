#pragma once

#include <cstdint>

namespace atheria {

// How many steps a world may take now, and how fast it really goes. Times are now_us() of the
// caller. Not thread-safe.
class Pacer {
 public:
  // 0: no limit. Starts counting anew.
  void set_limit(double steps_per_second, std::uint64_t now);

  // Steps allowed now: 0 when it is too early. A world that fell behind does not race to catch up.
  std::uint64_t allowed(std::uint64_t now);

  // When allowed() will be at least 1.
  std::uint64_t next_us() const;

  // Steps that fill the time budget of one chunk, from how long the last ones took.
  std::uint32_t chunk() const { return chunk_; }

  // k steps were taken from `begin` to `end`.
  void took(std::uint32_t k, std::uint64_t begin, std::uint64_t end);

  // Steps a second, over about the last second; 0 after pause().
  double rate(std::uint64_t now) const;
  void pause();

 private:
  double limit_ = 0;
  double owed_ = 0;              // steps earned and not taken
  std::uint64_t earned_us_ = 0;  // up to when they are counted
  std::uint32_t chunk_ = 1;
  std::uint64_t window_us_ = 0;  // measuring window: since when, and how many
  std::uint64_t window_steps_ = 0;
  double rate_ = 0;
};

}  // namespace atheria
