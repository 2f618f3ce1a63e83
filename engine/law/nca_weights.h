#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace atheria {

constexpr int kNcaChannels = 16;
constexpr int kNcaSeen = 3 * kNcaChannels;      // identity, sobel_x, sobel_y of each
constexpr int kNcaSeenDeep = 4 * kNcaChannels;  // and sobel_z: in three dimensions

// The network of a neural cellular automaton: float64 on the CPU, contiguous.
struct NcaWeights {
  at::Tensor w1;  // [hidden, seen]
  at::Tensor b1;  // [hidden]
  at::Tensor w2;  // [kNcaChannels, hidden]
  at::Tensor b2;  // [kNcaChannels]

  std::int64_t hidden() const { return w1.size(0); }
  std::int64_t seen() const { return w1.size(1); }  // kNcaSeen or kNcaSeenDeep
};

// Shipped with the program, by name ("flower"), or else a safetensors file. Throws Error when
// neither is there, a shape is wrong, a number is not finite, or cells see another number of things
// than `seen`.
NcaWeights load_nca_weights(const std::string& name_or_path, int seen);

// Names of the shipped ones whose cells see so many numbers.
std::vector<std::string> shipped_nca_weights(int seen);

// A file of engine/law/weights, compiled in (embed_weights.cmake).
struct EmbeddedWeights {
  std::string_view name;
  std::string_view bytes;
};
const std::vector<EmbeddedWeights>& embedded_weights();

}  // namespace atheria
