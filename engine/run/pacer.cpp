#include "engine/run/pacer.h"

#include <algorithm>
#include <cmath>

namespace atheria {
namespace {

constexpr double kChunkUs = 4000;  // how long commands wait at most, and how fine frames are timed
constexpr std::uint32_t kMaxChunk = 4096;
constexpr double kMaxOwedSeconds = 0.05;  // what a late world may catch up
constexpr std::uint64_t kWindowUs = 500'000;

}  // namespace

void Pacer::set_limit(double steps_per_second, std::uint64_t now) {
  limit_ = steps_per_second;
  owed_ = 1;
  earned_us_ = now;
}

std::uint64_t Pacer::allowed(std::uint64_t now) {
  if (limit_ <= 0) return chunk_;
  owed_ += static_cast<double>(now - earned_us_) * 1e-6 * limit_;
  earned_us_ = now;
  owed_ = std::min(owed_, std::max(1.0, limit_ * kMaxOwedSeconds));
  return std::min<std::uint64_t>(static_cast<std::uint64_t>(owed_), chunk_);
}

std::uint64_t Pacer::next_us() const {
  if (limit_ <= 0 || owed_ >= 1) return earned_us_;
  return earned_us_ + static_cast<std::uint64_t>(std::ceil((1 - owed_) / limit_ * 1e6));
}

void Pacer::took(std::uint32_t k, std::uint64_t begin, std::uint64_t end) {
  owed_ = std::max(0.0, owed_ - k);
  const double step_us = std::max(0.05, static_cast<double>(end - begin) / k);
  const double fits = std::clamp(kChunkUs / step_us, 1.0, static_cast<double>(kMaxChunk));
  // Doubling at most: one lucky measurement must not make a chunk that blocks the world's inbox.
  chunk_ = static_cast<std::uint32_t>(std::min(fits, chunk_ * 2.0));
  if (window_us_ == 0) window_us_ = begin;
  window_steps_ += k;
  if (end - window_us_ < kWindowUs) return;
  rate_ = static_cast<double>(window_steps_) * 1e6 / static_cast<double>(end - window_us_);
  window_us_ = end;
  window_steps_ = 0;
}

double Pacer::rate(std::uint64_t now) const {
  // Before the first full window: what there is of it.
  if (rate_ > 0 || window_us_ == 0 || now <= window_us_) return rate_;
  return static_cast<double>(window_steps_) * 1e6 / static_cast<double>(now - window_us_);
}

void Pacer::pause() {
  rate_ = 0;
  window_us_ = 0;
  window_steps_ = 0;
}

}  // namespace atheria
