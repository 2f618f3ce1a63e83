#pragma once

#include <cstdint>
#include <vector>

// The inner loops of nca_native.cpp. No torch, no threads.
namespace atheria::nca {

constexpr int kChannels = 16;
constexpr int kSeen = 48;
constexpr int kLanes = 16;  // cells that go through the network together

// Weights in the order the loops read them: hidden units in groups of kGroup, the last filled up
// with zeros.
template <class Real>
struct Net {
  static constexpr int kGroup = 4;
  std::int64_t groups = 0;
  std::vector<Real> w1;  // [groups][kSeen][kGroup]
  std::vector<Real> b1;  // [groups][kGroup]
  std::vector<Real> w2;  // [groups][kChannels][kGroup]
  std::vector<Real> b2;  // [kChannels]

  // From [hidden, kSeen], [hidden], [kChannels, hidden], [kChannels], row-major.
  Net(std::int64_t hidden, const double* w1_rows, const double* b1_row, const double* w2_rows,
      const double* b2_row);
};

template <class Real>
using Lanes = Real[kLanes];

// dx = W2 relu(W1 seen + b1) + b2 for kLanes cells, each for itself. Sums run from the bias up, in
// the order of the inputs; products are rounded before they are added.
void network(const Net<float>& net, const Lanes<float>* seen, Lanes<float>* dx);
void network(const Net<double>& net, const Lanes<double>* seen, Lanes<double>* dx);

// out[x] = 1 where a value above `limit` lies within one cell of x in three rows of a torus, else
// 0. `column` is scratch, width long.
template <class Value>
void any_near(const Value* up, const Value* middle, const Value* down, Value limit,
              std::int64_t width, std::uint8_t* column, std::uint8_t* out);

}  // namespace atheria::nca
