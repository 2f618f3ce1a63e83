#include "engine/kernels/cpu/nca_kernels.h"
#include "engine/kernels/cpu/nca_perceive.h"

// The network on pairs of bfloat16: twice the products an instruction. The same tiles and the same
// order of sums as in nca_network.h, so that the bits are those of rounded floats, but that
// denormal sums become zero.
namespace atheria::cpu::ATHERIA_ISA {
namespace {

constexpr int kSlice = 128;  // hidden units between the two products
constexpr int kTileCells = 6, kTileWides = 4, kSumCells = 12;
constexpr int kAtATime = 8;  // pairs of inputs, then another cell is perceived

ATHERIA_ALWAYS_INLINE __m512bh pairs(const std::uint32_t* from) {
  return reinterpret_cast<__m512bh>(_mm512_loadu_si512(from));
}
ATHERIA_ALWAYS_INLINE __m512bh all_pairs(std::uint32_t pair) {
  return reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(pair)));
}
ATHERIA_ALWAYS_INLINE void store_bf16(std::uint32_t* to, __m512 value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value)));
}
ATHERIA_ALWAYS_INLINE void store_bf16(std::uint32_t* to, __m512 first, __m512 second) {
  _mm512_storeu_si512(to, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first)));
}

// hidden = relu(W1 seen + b1) of kTileCells cells; kWides registers of hidden units. Between its
// products, which keep two units of the core busy, the loads and sums of perceiving cost little.
template <int kSeen, int kWides, class Meanwhile>
ATHERIA_ALWAYS_INLINE void hidden_tile(const std::uint32_t* seen, const std::uint32_t* w1,
                                       const float* b1, std::uint32_t* hidden,
                                       Meanwhile& meanwhile) {
  constexpr int kPairs = kSeen / 2;
  __m512 sum[kTileCells][kWides];
  ATHERIA_UNROLL
  for (int v = 0; v < kWides; ++v) {
    ATHERIA_UNROLL
    for (int c = 0; c < kTileCells; ++c) sum[c][v] = load(b1 + v * kNcaChannels);
  }
  for (int first = 0; first < kPairs; first += kAtATime) {
    meanwhile.next();
    for (int k = first; k < first + kAtATime; ++k) {
      __m512bh weight[kWides];
      ATHERIA_UNROLL
      for (int v = 0; v < kWides; ++v) weight[v] = pairs(w1 + (v * kPairs + k) * kNcaChannels);
      ATHERIA_UNROLL
      for (int c = 0; c < kTileCells; ++c) {
        const auto input = all_pairs(seen[c * kPairs + k]);
        ATHERIA_UNROLL
        for (int v = 0; v < kWides; ++v) sum[c][v] = _mm512_dpbf16_ps(sum[c][v], weight[v], input);
      }
    }
  }
  ATHERIA_UNROLL
  for (int c = 0; c < kTileCells; ++c) {
    auto* const to = hidden + c * kSlice / 2;
    ATHERIA_UNROLL
    for (int v = 0; v + 1 < kWides; v += 2)
      store_bf16(to + v * kNcaChannels / 2, relu(sum[c][v]), relu(sum[c][v + 1]));
    if constexpr (kWides == 1) store_bf16(to, relu(sum[c][0]));
  }
}

// dx += W2 hidden of kSumCells cells, over `units` hidden units.
ATHERIA_ALWAYS_INLINE void sum_tile(const std::uint32_t* hidden, int units, const std::uint32_t* w2,
                                    float* dx) {
  __m512 sum[kSumCells];
  ATHERIA_UNROLL
  for (int c = 0; c < kSumCells; ++c) sum[c] = load(dx + c * kNcaChannels);
  for (int h = 0; h < units / 2; ++h) {
    const auto weight = pairs(w2 + h * kNcaChannels);
    ATHERIA_UNROLL
    for (int c = 0; c < kSumCells; ++c)
      sum[c] = _mm512_dpbf16_ps(sum[c], weight, all_pairs(hidden[c * kSlice / 2 + h]));
  }
  ATHERIA_UNROLL
  for (int c = 0; c < kSumCells; ++c) store(dx + c * kNcaChannels, sum[c]);
}

template <int kSeen, int kWides, class Meanwhile>
void hidden_wides(const std::uint32_t* seen, int cells, const std::uint32_t* w1, const float* b1,
                  std::uint32_t* hidden, Meanwhile& meanwhile) {
  for (int c = 0; c < cells; c += kTileCells) {
    hidden_tile<kSeen, kWides>(seen + c * kSeen / 2, w1, b1, hidden + c * kSlice / 2, meanwhile);
  }
}

// Hidden units [first, first + units) of all cells: relu of the first product, then its part of dx.
template <int kSeen, class Meanwhile>
void network_slice(const NcaNet<float>& net, const std::uint32_t* seen, int cells, int first,
                   int units, float* dx, Meanwhile& meanwhile) {
  alignas(64) std::uint32_t hidden[kNcaBlock * kSlice / 2];
  const auto* const w1 = static_cast<const std::uint32_t*>(net.w1);
  const auto* const w2 = static_cast<const std::uint32_t*>(net.w2);
  int unit = 0;
  const auto weights = [&] { return w1 + (first + unit) * kSeen / 2; };
  for (; unit + kTileWides * kNcaChannels <= units; unit += kTileWides * kNcaChannels)
    hidden_wides<kSeen, kTileWides>(seen, cells, weights(), net.b1 + first + unit,
                                    hidden + unit / 2, meanwhile);
  for (; unit < units; unit += kNcaChannels)
    hidden_wides<kSeen, 1>(seen, cells, weights(), net.b1 + first + unit, hidden + unit / 2,
                           meanwhile);
  for (int c = 0; c < cells; c += kSumCells)
    sum_tile(hidden + c * kSlice / 2, units, w2 + first / 2 * kNcaChannels, dx + c * kNcaChannels);
}

struct PairPanel {
  ATHERIA_ALWAYS_INLINE static void write(void* panel, int at, const __m512& value) {
    store_bf16(static_cast<std::uint32_t*>(panel) + at / 2, value);
  }
};

template <int kSeen>
void network_of(const NcaNet<float>& net, const std::uint32_t* seen, int count, float* dx,
                const NcaWaiting<float>* next, void* next_panel) {
  const int cells = (count + kSumCells - 1) / kSumCells * kSumCells;
  const auto bias = load(net.b2);
  for (int c = 0; c < cells; ++c) store(dx + c * kNcaChannels, bias);
  static constexpr NcaWaiting<float> kNone;
  Perceiver<float, kSeen, PairPanel> perceiver(next ? *next : kNone, next_panel);
  for (int first = 0; first < net.hidden; first += kSlice) {
    const int rest = net.hidden - first;
    network_slice<kSeen>(net, seen, cells, first, rest < kSlice ? rest : kSlice, dx, perceiver);
  }
  perceiver.rest();
}

void network(const NcaNet<float>& net, const void* panel, int count, float* dx,
             const NcaWaiting<float>* next, void* next_panel) {
  const auto* const seen = static_cast<const std::uint32_t*>(panel);
  if (net.seen == 3 * kNcaChannels)
    network_of<3 * kNcaChannels>(net, seen, count, dx, next, next_panel);
  else
    network_of<4 * kNcaChannels>(net, seen, count, dx, next, next_panel);
}

void perceive(const NcaNet<float>& net, const NcaWaiting<float>& cells, void* panel) {
  if (net.seen == 3 * kNcaChannels)
    Perceiver<float, 3 * kNcaChannels, PairPanel>(cells, panel).rest();
  else
    Perceiver<float, 4 * kNcaChannels, PairPanel>(cells, panel).rest();
}

}  // namespace

extern const NcaNetwork<float> nca_network;
const NcaNetwork<float> nca_network = {.number_bytes = 2, .perceive = perceive, .run = network};

}  // namespace atheria::cpu::ATHERIA_ISA
