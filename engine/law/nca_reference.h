#pragma once

#include "engine/law/law.h"
#include "engine/law/nca_weights.h"

namespace atheria {

// A cell with alpha above this in its neighbourhood, 3x3 or 3x3x3, lives.
constexpr double kNcaAlive = 0.1;

// 24-bit draws below this fire: exactly those whose unit_float is below the rate.
std::int64_t fire_threshold(double fire_rate);

struct NcaOptions {
  double fire_rate = 0.5;
  bool bf16 = false;  // the network rounds its inputs, weights and hidden numbers to bfloat16
};

// The equation of nca.h in ATen, in as many dimensions as the weights are for.
StepFunction nca_reference(const Setup& setup, const NcaWeights& weights,
                           const NcaOptions& options);

// 3x3x3 maximum of the last three dimensions, on the torus; 3x3 where there is one layer.
at::Tensor neighbourhood_max(const at::Tensor& value);

// random_block(seed, step, cell)[0] of cells 0 .. cells-1, as int64 0 .. 2^32-1.
at::Tensor philox_words(std::uint64_t seed, std::uint64_t step, std::int64_t cells,
                        at::Device device);

}  // namespace atheria
