#include "engine/kernels/cpu/fft_plan.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace atheria::cpu {
namespace {

// The radices of a length, in the order of the passes. 16 comes last, as the last pass there and
// the first one back stay in registers; the others go by size, as the first passes go through memory
// and the later ones through the cache.
std::vector<int> radices_of(std::int64_t length) {
  int twos = 0;
  for (; length % 2 == 0; length /= 2) ++twos;
  std::vector<int> radices;
  const bool sixteen_last = twos >= 4;
  for (twos -= sixteen_last ? 4 : 0; twos >= 4; twos -= 4) radices.push_back(16);
  for (; length % 5 == 0; length /= 5) radices.push_back(5);
  for (; length % 3 == 0; length /= 3) radices.push_back(3);
  if (twos > 0) radices.push_back(1 << twos);
  if (sixteen_last) radices.push_back(16);
  return radices;
}

std::int64_t without_small_primes(std::int64_t length) {
  for (const int prime : {2, 3, 5})
    while (length % prime == 0) length /= prime;
  return length;
}

// The number `steps` representable ones away from x.
float stepped(double x, int steps) {
  auto number = static_cast<float>(x);
  for (; steps > 0; --steps) number = std::nextafter(number, INFINITY);
  for (; steps < 0; ++steps) number = std::nextafter(number, -INFINITY);
  return number;
}

// c + i s in float, of the same length as in double: each run goes through the same few thousand of
// these in every step, and lengths off by 3e-8 would add up in a norm. The angle may be off by two
// roundings for it.
std::pair<float, float> rounded(double c, double s) {
  std::pair<float, float> best{static_cast<float>(c), static_cast<float>(s)};
  if (c == 0 || s == 0) return best;
  const auto cost = [&](double re, double im) {
    return std::abs(re * re + im * im - c * c - s * s) +
           0.1 * std::hypot(c, s) * std::hypot(re - c, im - s);
  };
  for (int i = -2; i <= 2; ++i)
    for (int j = -2; j <= 2; ++j) {
      const auto re = stepped(c, i), im = stepped(s, j);
      if (cost(re, im) < cost(best.first, best.second)) best = {re, im};
    }
  return best;
}

std::pair<double, double> rounded_to(double c, double s, double) { return {c, s}; }
std::pair<float, float> rounded_to(double c, double s, float) { return rounded(c, s); }

// size exp(-2 pi i numerator / denominator), the imaginary part `apart` numbers from the real one.
template <class T>
void put_turn(T* re, int apart, std::int64_t numerator, std::int64_t denominator, double size = 1) {
  const double angle = -2 * std::numbers::pi * static_cast<double>(numerator % denominator) /
                       static_cast<double>(denominator);
  const auto [c, s] = rounded_to(size * std::cos(angle), size * std::sin(angle), T{});
  re[0] = c;
  re[apart] = s;
}

}  // namespace

template <class T>
bool FftPlan<T>::fits(std::int64_t length) {
  return length >= 2 && without_small_primes(length) == 1;
}

template <class T>
FftPlan<T>::FftPlan(std::int64_t length) : axis_{length, 0, 0, {}} {
  std::int64_t below = length;
  for (const int radix : radices_of(length)) add_pass(radix, below /= radix);
  axis_.leaf = axis_.passes[axis_.count - 1].radix;
  for (std::int64_t p = 0; p < length; ++p) {
    std::int64_t frequency = 0, place = 1;
    for (int i = 0; i < axis_.count; place *= axis_.passes[i++].radix)
      frequency += p / axis_.passes[i].below % axis_.passes[i].radix * place;
    frequencies_.push_back(frequency);
  }
}

template <class T>
void FftPlan<T>::add_pass(int radix, std::int64_t below) {
  auto& turns = turns_.emplace_back(index(2 * below * radix));
  for (std::int64_t j = 0; j < below; ++j)
    for (int k = 0; k < radix; ++k)
      put_turn(&turns[index(2 * (j * radix + k))], 1, j * k, below * radix);
  axis_.passes[axis_.count++] = {radix, below, turns.data()};
}

// The number of vectors is odd, so that what lies side by side in neighbouring strips does not meet in
// one place of the cache.
FftStrips::FftStrips(std::int64_t leaf, std::int64_t vectors)
    : leap(leaf == 16 ? kFftLeap : leaf * kFftVector), leaf_(leaf) {
  const auto blocks = (vectors + leaf - 1) / leaf;
  length = (blocks * leap / kFftVector | 1) * kFftVector;
}

template <class T>
bool FftRowPlan<T>::fits(std::int64_t width) {
  return width % kFftLanes == 0 && FftPlan<T>::fits(width / kFftLanes);
}

template <class T>
FftRowPlan<T>::FftRowPlan(std::int64_t width, double scale)
    : line_(width / kFftLanes),
      rows_(kFftLanes / std::gcd(line_.length(), std::int64_t{kFftLanes})),
      turns_(static_cast<std::size_t>(line_.length() * kFftVector)) {
  auto* turn = turns_.data();  // used on the way there and on the way back
  for (std::int64_t p = 0; p < line_.length(); ++p, turn += kFftVector)
    for (int lane = 0; lane < kFftLanes; ++lane)
      put_turn(turn + lane, kFftLanes, lane * line_.frequency(p), width, std::sqrt(scale));
}

template <class T>
std::int64_t FftRowPlan<T>::vector(std::int64_t group, std::int64_t lane) {
  // Lane 4 K + j holds vector K + 4 j (fft_rows.h).
  return group * kFftLanes + lane / 4 + lane % 4 * 4;
}

template <class T>
std::int64_t FftRowPlan<T>::frequency(std::int64_t group, std::int64_t k, std::int64_t lane) const {
  return line_.frequency(vector(group, lane) % line_.length()) + line_.length() * k;
}

template class FftPlan<float>;
template class FftPlan<double>;
template class FftRowPlan<float>;
template class FftRowPlan<double>;

}  // namespace atheria::cpu
