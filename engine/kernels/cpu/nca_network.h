#pragma once

#include "engine/kernels/cpu/nca_kernels.h"
#include "engine/kernels/cpu/nca_perceive.h"
#include "engine/kernels/cpu/nca_vec.h"

// The network of the neural automaton as two products of small matrices. Lanes are hidden units (or
// channels), and a tile of cells goes through together, its sums in registers; what lies between
// the two products stays in the first cache.
//
// Every sum begins with its bias and takes its terms in the order of the inputs, whatever the
// tiles, so that instruction sets with the same multiply_add give the same bits. Rounded to
// bfloat16 (kBf16) the second of a pair comes first, as in VDPBF16PS.
namespace atheria::cpu::ATHERIA_ISA {

constexpr int kNcaSlice = 128;  // hidden units between the two products

// Cells and registers of a tile: as many sums as the instruction set has registers for.
#if defined(ATHERIA_ISA_avx512)
constexpr int kTileCells = 6, kTileWides = 4, kSumWides = 12;
#elif defined(ATHERIA_ISA_avx2)
constexpr int kTileCells = 6, kTileWides = 2, kSumWides = 12;
#else
constexpr int kTileCells = 2, kTileWides = 4, kSumWides = 8;
#endif

template <bool kBf16, class Term>
ATHERIA_ALWAYS_INLINE void in_order(int count, const Term& term) {
  if constexpr (kBf16) {
    for (int k = 0; k < count; k += 2) {
      term(k + 1);
      term(k);
    }
  } else {
    for (int k = 0; k < count; ++k) term(k);
  }
}

// hidden = relu(W1 seen + b1) of kTileCells cells, kWides registers of hidden units.
template <class Real, int kSeen, bool kBf16, int kWides>
ATHERIA_ALWAYS_INLINE void hidden_tile(const Real* seen, const Real* w1, const Real* b1,
                                       Real* hidden) {
  constexpr int kLanes = WideOf<Real>::kLanes;
  constexpr int kParts = kNcaChannels / kLanes;  // registers of a group of packed weights
  Wide<Real> sum[kTileCells][kWides];
  ATHERIA_UNROLL
  for (int v = 0; v < kWides; ++v) {
    const auto bias = load(b1 + v * kLanes);
    ATHERIA_UNROLL
    for (int c = 0; c < kTileCells; ++c) sum[c][v] = bias;
  }
  in_order<kBf16>(kSeen, [&](int k) ATHERIA_INLINE_LAMBDA {
    Wide<Real> weight[kWides];
    ATHERIA_UNROLL
    for (int v = 0; v < kWides; ++v)
      weight[v] = load(w1 + (v / kParts * kSeen + k) * kNcaChannels + v % kParts * kLanes);
    ATHERIA_UNROLL
    for (int c = 0; c < kTileCells; ++c) {
      const auto input = all(seen[c * kSeen + k]);
      ATHERIA_UNROLL
      for (int v = 0; v < kWides; ++v) sum[c][v] = multiply_add(weight[v], input, sum[c][v]);
    }
  });
  ATHERIA_UNROLL
  for (int c = 0; c < kTileCells; ++c) {
    ATHERIA_UNROLL
    for (int v = 0; v < kWides; ++v) {
      auto value = relu(sum[c][v]);
      if constexpr (kBf16) value = rounded_bf16(value);
      store(hidden + c * kNcaSlice + v * kLanes, value);
    }
  }
}

// kWides registers of hidden units of `cells` cells, from the first one on.
template <class Real, int kSeen, bool kBf16, int kWides>
void hidden_wides(const Real* seen, int cells, const Real* w1, const Real* b1, int first,
                  Real* hidden) {
  constexpr int kLanes = WideOf<Real>::kLanes;
  const int unit = first * kLanes;
  const Real* const weights = w1 + unit / kNcaChannels * kSeen * kNcaChannels + unit % kNcaChannels;
  for (int c = 0; c < cells; c += kTileCells)
    hidden_tile<Real, kSeen, kBf16, kWides>(seen + c * kSeen, weights, b1 + unit,
                                            hidden + c * kNcaSlice + unit);
}

// dx += W2 hidden of the cells of one tile, over `units` hidden units.
template <class Real, bool kBf16>
ATHERIA_ALWAYS_INLINE void sum_tile(const Real* hidden, int units, const Real* w2, Real* dx) {
  constexpr int kLanes = WideOf<Real>::kLanes;
  constexpr int kParts = kNcaChannels / kLanes, kCells = kSumWides / kParts;
  Wide<Real> sum[kCells][kParts];
  ATHERIA_UNROLL
  for (int c = 0; c < kCells; ++c) {
    ATHERIA_UNROLL
    for (int p = 0; p < kParts; ++p) sum[c][p] = load(dx + c * kNcaChannels + p * kLanes);
  }
  in_order<kBf16>(units, [&](int h) ATHERIA_INLINE_LAMBDA {
    Wide<Real> weight[kParts];
    ATHERIA_UNROLL
    for (int p = 0; p < kParts; ++p) weight[p] = load(w2 + h * kNcaChannels + p * kLanes);
    ATHERIA_UNROLL
    for (int c = 0; c < kCells; ++c) {
      const auto input = all(hidden[c * kNcaSlice + h]);
      ATHERIA_UNROLL
      for (int p = 0; p < kParts; ++p) sum[c][p] = multiply_add(weight[p], input, sum[c][p]);
    }
  });
  ATHERIA_UNROLL
  for (int c = 0; c < kCells; ++c) {
    ATHERIA_UNROLL
    for (int p = 0; p < kParts; ++p) store(dx + c * kNcaChannels + p * kLanes, sum[c][p]);
  }
}

// Hidden units [first, first + units) of all cells: relu of the first product, then its part of dx.
template <class Real, int kSeen, bool kBf16>
void network_slice(const NcaNet<Real>& net, const Real* seen, int cells, int first, int units,
                   Real* dx) {
  constexpr int kLanes = WideOf<Real>::kLanes;
  alignas(64) Real hidden[kNcaBlock * kNcaSlice];
  const auto* const w1 =
      static_cast<const Real*>(net.w1) + first / kNcaChannels * kSeen * kNcaChannels;
  const auto* const b1 = net.b1 + first;
  const int wides = units / kLanes;
  int v = 0;
  for (; v + kTileWides <= wides; v += kTileWides)
    hidden_wides<Real, kSeen, kBf16, kTileWides>(seen, cells, w1, b1, v, hidden);
  for (; v < wides; ++v) hidden_wides<Real, kSeen, kBf16, 1>(seen, cells, w1, b1, v, hidden);
  const auto* const w2 = static_cast<const Real*>(net.w2) + first * kNcaChannels;
  constexpr int kCells = kSumWides * kLanes / kNcaChannels;
  for (int c = 0; c < cells; c += kCells)
    sum_tile<Real, kBf16>(hidden + c * kNcaSlice, units, w2, dx + c * kNcaChannels);
}

template <class Real, bool kBf16>
struct PanelOf {
  ATHERIA_ALWAYS_INLINE static void write(void* panel, int at, const Wide<Real>& value) {
    if constexpr (kBf16)
      store(static_cast<Real*>(panel) + at, rounded_bf16(value));
    else
      store(static_cast<Real*>(panel) + at, value);
  }
};

template <class Real, int kSeen, bool kBf16>
void network_of(const NcaNet<Real>& net, const Real* seen, int count, Real* dx,
                const NcaWaiting<Real>* next, void* next_panel) {
  const int cells = (count + 11) / 12 * 12;  // whole tiles of every kind; kNcaBlock is
  for (int c = 0; c < cells; ++c) {
    ATHERIA_UNROLL
    for (int i = 0; i < kNcaChannels; ++i) dx[c * kNcaChannels + i] = net.b2[i];
  }
  for (int first = 0; first < net.hidden; first += kNcaSlice) {
    const int rest = net.hidden - first;
    network_slice<Real, kSeen, kBf16>(net, seen, cells, first, rest < kNcaSlice ? rest : kNcaSlice,
                                      dx);
  }
  // After it: between the tiles it would cost what it saves, for the weights fill the first cache.
  if (next) Perceiver<Real, kSeen, PanelOf<Real, kBf16>>(*next, next_panel).rest();
}

template <class Real, bool kBf16>
void network(const NcaNet<Real>& net, const void* panel, int count, Real* dx,
             const NcaWaiting<Real>* next, void* next_panel) {
  const auto* const seen = static_cast<const Real*>(panel);
  if (net.seen == 3 * kNcaChannels)
    network_of<Real, 3 * kNcaChannels, kBf16>(net, seen, count, dx, next, next_panel);
  else
    network_of<Real, 4 * kNcaChannels, kBf16>(net, seen, count, dx, next, next_panel);
}

template <class Real, bool kBf16>
void perceive(const NcaNet<Real>& net, const NcaWaiting<Real>& cells, void* panel) {
  using Panel = PanelOf<Real, kBf16>;
  if (net.seen == 3 * kNcaChannels)
    Perceiver<Real, 3 * kNcaChannels, Panel>(cells, panel).rest();
  else
    Perceiver<Real, 4 * kNcaChannels, Panel>(cells, panel).rest();
}

}  // namespace atheria::cpu::ATHERIA_ISA
