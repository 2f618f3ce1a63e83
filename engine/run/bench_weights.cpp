#include <ATen/ATen.h>

#include "engine/base/philox.h"
#include "engine/law/nca_weights.h"
#include "engine/run/bench.h"
#include "engine/store/safetensors.h"

namespace atheria {
namespace {

constexpr std::int64_t kHidden = 128;
constexpr std::int64_t kAlpha = 3;

// Numbers of -size .. size, their own for each `draw`.
at::Tensor numbers(std::vector<std::int64_t> shape, float size, std::uint32_t draw) {
  auto made = at::empty(shape, at::kFloat);
  auto* const all = made.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < made.numel(); ++i)
    all[i] =
        size * (2 * unit_float(random_block(1, 0, static_cast<std::uint64_t>(i), draw)[0]) - 1);
  return made;
}

}  // namespace

// Two of the hidden numbers for each channel x, relu(x) and relu(-x), take a part of x away in each
// step, more than the others can add: nothing grows, however long it runs.
void write_bench_weights(const std::string& path, int dimensions) {
  auto w1 = numbers({kHidden, kNcaChannels * (1 + dimensions)}, 0.2F, 1),
       b1 = numbers({kHidden}, 0.1F, 2);
  auto w2 = numbers({kNcaChannels, kHidden}, 0.002F, 3), b2 = at::zeros({kNcaChannels}, at::kFloat);
  for (std::int64_t c = 0; c < kNcaChannels; ++c)
    for (const std::int64_t sign : {1, -1}) {
      const auto hidden = 2 * c + (sign > 0 ? 0 : 1);
      w1[hidden].zero_(), w1[hidden][c] = sign;
      b1[hidden] = 0;
      w2.select(1, hidden).zero_(), w2[c][hidden] = -0.05 * static_cast<double>(sign);
    }
  w2[kAlpha].zero_(), b2[kAlpha] = 1e-4;  // nobody dies
  write_safetensors(
      path, {{{"l1.weight", w1}, {"l1.bias", b1}, {"l2.weight", w2}, {"l2.bias", b2}}, {}, {}});
}

}  // namespace atheria
