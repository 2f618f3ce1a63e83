#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/cpu/fft.h"

namespace atheria::cpu {

// How a transform of one length goes: its passes and their tables, made in double and rounded. What
// axis() and rows() give points into the plan.
template <class T>
class FftPlan {
 public:
  // A length of at least 2 with no prime factor above 5.
  static bool fits(std::int64_t length);
  explicit FftPlan(std::int64_t length);
  FftPlan(const FftPlan&) = delete;
  FftPlan& operator=(const FftPlan&) = delete;

  std::int64_t length() const { return axis_.length; }
  const FftAxis<T>& axis() const { return axis_; }

  // Which frequency, 0 to length - 1, position p of a transformed line holds.
  std::int64_t frequency(std::int64_t position) const { return frequencies_[index(position)]; }

 private:
  static std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }
  void add_pass(int radix, std::int64_t below);

  FftAxis<T> axis_;
  std::vector<std::int64_t> frequencies_;
  std::vector<std::vector<T>> turns_;  // of each pass
};

// How strips of at least `vectors` vectors lie in memory when transforms go along them.
struct FftStrips {
  FftStrips(std::int64_t leaf, std::int64_t vectors);

  std::int64_t leap;    // numbers from a block of `leaf` vectors to the next
  std::int64_t length;  // numbers from a strip to the next

  // Numbers from the first vector of a strip to another one.
  std::int64_t at(std::int64_t vector) const {
    return vector / leaf_ * leap + vector % leaf_ * kFftVector;
  }

 private:
  std::int64_t leaf_;
};

// The same along rows of a width whose neighbours lie in the lanes.
template <class T>
class FftRowPlan {
 public:
  // A multiple of 16, above 16, with no prime factor above 5. A transform there and back is times
  // `scale` besides its width.
  static bool fits(std::int64_t width);
  explicit FftRowPlan(std::int64_t width, double scale = 1);

  FftRows<T> rows() const { return {line_.axis(), rows_, turns_.data()}; }

  // Groups of 16 vectors that rows().rows rows make.
  std::int64_t groups() const { return rows_ * line_.length() / kFftLanes; }

  // Which vector of the rows a lane of a group is when a row is transformed.
  static std::int64_t vector(std::int64_t group, std::int64_t lane);

  // Which frequency, 0 to width - 1, a lane of vector k of a group holds when a row is transformed.
  std::int64_t frequency(std::int64_t group, std::int64_t k, std::int64_t lane) const;

 private:
  FftPlan<T> line_;
  std::int64_t rows_;
  std::vector<T> turns_;
};

}  // namespace atheria::cpu
