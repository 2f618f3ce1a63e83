#pragma once

#include <cstdint>

// What the loops of the neural cellular automaton offer, by instruction set. Read by the sources
// that are compiled for one: no inline functions here, no standard containers.
//
// A cell is kNcaChannels numbers side by side ("cells"); the field's planes are turned into that
// once an advance. A cell sees kNcaChannels numbers of itself and as many for each direction's
// slope.
namespace atheria::cpu {

constexpr int kNcaChannels = 16;
constexpr int kNcaAlpha = 3;     // the channel that says what lives
constexpr int kNcaBlock = 24;    // cells that go through the network together
constexpr int kNcaMaxSeen = 64;  // numbers a cell sees: 48, in three dimensions 64
constexpr int kNcaMaxHidden = 1024;

// Packed weights (nca.h makes them). hidden is a multiple of kNcaChannels, filled up with zeros;
// what multiplies a slope is divided by 8, in three dimensions by 32, which changes no bit of the
// result: slopes are perceived without that factor.
template <class Real>
struct NcaNet {
  int seen = 0;
  int hidden = 0;
  const void* w1 = nullptr;  // [hidden / 16][seen][16], or pairs [hidden / 16][seen / 2][16][2]
  const Real* b1 = nullptr;  // [hidden]
  const void* w2 = nullptr;  // [hidden][16], or pairs [hidden / 2][16][2]
  const Real* b2 = nullptr;  // [16]
};

// Which cells draw below the threshold (of 2^24) at a step.
struct NcaDraw {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  std::uint32_t threshold = 0;  // below 2^24
};

// Cells to be perceived: which of their row, and the rows about them: up, here, down; in three
// dimensions nine, layer by layer. A row is width * kNcaChannels numbers.
template <class Real>
struct NcaWaiting {
  int width = 0;
  int count = 0;
  std::int32_t x[kNcaBlock] = {};
  const Real* const* rows[kNcaBlock] = {};
};

// The network, and how cells are written down for it: on a panel, one after the other.
template <class Real>
struct NcaNetwork {
  int number_bytes = 0;  // of one number a cell sees

  void (*perceive)(const NcaNet<Real>& net, const NcaWaiting<Real>& cells, void* panel) = nullptr;

  // dx = W2 relu(W1 seen + b1) + b2 of `count` cells of a panel, 1 to kNcaBlock; panel and dx have
  // room for kNcaBlock. Meanwhile perceives the next cells, if any, for the time that costs is
  // spent waiting for memory, and the network leaves the units that load idle.
  void (*run)(const NcaNet<Real>& net, const void* panel, int count, Real* dx,
              const NcaWaiting<Real>* next, void* next_panel) = nullptr;
};

// The rest. Bits of a row: bit x % 64 of word x / 64.
template <class Real>
struct NcaKernels {
  NcaNetwork<Real> network;

  // Leaves of the cells in `bits` those that draw below the threshold. Bit i is cell first + i.
  void (*fire)(const NcaDraw& draw, std::uint64_t first, std::int64_t words,
               std::uint64_t* bits) = nullptr;

  // Adds dx to the cells x[0..count) of a row, ascending, and says in their bits of `living` whether
  // alpha is above the limit now. `foresee` says so without adding.
  void (*add)(Real* row, const std::int32_t* x, int count, const Real* dx, Real limit,
              std::uint64_t* living) = nullptr;
  void (*foresee)(const Real* row, const std::int32_t* x, int count, const Real* dx, Real limit,
                  std::uint64_t* living) = nullptr;

  // To zero; what is not a number stays none.
  void (*clear)(Real* row, const std::int32_t* x, int count) = nullptr;

  // Cells of planes that lie plane_stride numbers apart, and back.
  void (*from_planes)(const Real* planes, std::int64_t plane_stride, std::int64_t count,
                      Real* cells) = nullptr;
  void (*to_planes)(const Real* cells, std::int64_t count, std::int64_t plane_stride,
                    Real* planes) = nullptr;
};

}  // namespace atheria::cpu
