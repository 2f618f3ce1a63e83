#include "engine/law/nca_reference.h"

#include <ATen/ATen.h>

#include <cmath>

namespace atheria {
namespace {

constexpr std::int64_t kLow32 = 0xFFFFFFFF;

// a * b of 32-bit numbers, as its high and low halves; int64 wraps, its bits are right.
std::pair<at::Tensor, at::Tensor> multiply(const at::Tensor& a, std::int64_t b) {
  const auto product = a * b;
  return {product.bitwise_right_shift(32).bitwise_and(kLow32), product.bitwise_and(kLow32)};
}

// Along x, y, z: dimensions -1, -2, -3. Two and three dimensions sum in the order of the loops of
// engine/kernels/cpu/nca_perceive.h.
at::Tensor smooth(const at::Tensor& psi, int axis) {
  return psi.roll(1, axis) + 2 * psi + psi.roll(-1, axis);
}

at::Tensor slope(const at::Tensor& psi, int axis) { return psi.roll(-1, axis) - psi.roll(1, axis); }

at::Tensor seen_flat(const at::Tensor& psi) {
  return at::cat({psi, smooth(slope(psi, -1), -2) / 8, slope(smooth(psi, -1), -2) / 8});
}

at::Tensor seen_deep(const at::Tensor& psi) {
  const auto along_x = smooth(psi, -1);
  return at::cat({psi, smooth(smooth(slope(psi, -1), -2), -3) / 32,
                  smooth(slope(along_x, -2), -3) / 32, slope(smooth(along_x, -2), -3) / 32});
}

}  // namespace

std::int64_t fire_threshold(double fire_rate) {
  return static_cast<std::int64_t>(std::ceil(fire_rate * 0x1p24));
}

at::Tensor neighbourhood_max(const at::Tensor& value) {
  auto most = value;
  for (const int axis : {-1, -2, -3})
    most = at::maximum(at::maximum(most, most.roll(1, axis)), most.roll(-1, axis));
  return most;
}

// Philox 4x32-10 as in engine/base/philox.h, one lane a cell.
at::Tensor philox_words(std::uint64_t seed, std::uint64_t step, std::int64_t cells,
                        at::Device device) {
  const auto half = [](std::uint64_t value, int shift) {
    return static_cast<std::int64_t>(value >> shift & 0xFFFFFFFF);
  };
  const auto cell = at::arange(cells, at::TensorOptions(at::kLong).device(device));
  std::array<at::Tensor, 4> c = {cell.bitwise_and(kLow32), cell.bitwise_right_shift(32),
                                 at::full_like(cell, half(step, 0)),
                                 at::full_like(cell, half(step, 32))};
  std::int64_t key0 = half(seed, 0), key1 = half(seed, 32);
  for (int round = 0; round < 10; ++round) {
    const auto [a_high, a_low] = multiply(c[0], 0xD2511F53);
    const auto [b_high, b_low] = multiply(c[2], 0xCD9E8D57);
    c = {b_high.bitwise_xor(c[1]).bitwise_xor(key0), b_low,
         a_high.bitwise_xor(c[3]).bitwise_xor(key1), a_low};
    key0 = (key0 + 0x9E3779B9) & kLow32;
    key1 = (key1 + 0xBB67AE85) & kLow32;
  }
  return c[0];
}

StepFunction nca_reference(const Setup& setup, const NcaWeights& weights,
                           const NcaOptions& options) {
  const auto type = setup.dtype == Dtype::f64 ? at::kDouble : at::kFloat;
  const auto here = at::TensorOptions(type).device(setup.device);
  const auto kept = [=, rounds = options.bf16](const at::Tensor& numbers) {
    return rounds ? numbers.to(at::kBFloat16).to(type) : numbers;
  };
  const auto w1 = kept(weights.w1.to(here)), w2 = kept(weights.w2.to(here));
  const auto b1 = weights.b1.to(here).unsqueeze(1), b2 = weights.b2.to(here).unsqueeze(1);
  const auto threshold = fire_threshold(options.fire_rate);
  const bool deep = weights.seen() == kNcaSeenDeep;
  return [=, seed = setup.seed](const at::Tensor& psi, std::uint64_t t) {
    const auto around = deep ? seen_deep(psi) : seen_flat(psi);
    const auto seen = kept(around.view({around.size(0), -1}));
    const auto dx = w2.matmul(kept((w1.matmul(seen) + b1).relu())) + b2;
    const auto draw = philox_words(seed, t, psi[0].numel(), psi.device()).bitwise_right_shift(8);
    const auto fire = (draw < threshold).to(psi.scalar_type());
    const auto next = psi + (dx * fire).view_as(psi);
    const auto alive =
        (neighbourhood_max(psi[3]) > kNcaAlive) & (neighbourhood_max(next[3]) > kNcaAlive);
    return next * alive.to(psi.scalar_type());
  };
}

}  // namespace atheria
