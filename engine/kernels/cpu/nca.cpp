#include "engine/kernels/cpu/nca.h"

#include <cstring>
#include <type_traits>

namespace atheria::cpu {

namespace portable {
extern const NcaKernels<float> nca_f32, nca_bf16;
extern const NcaKernels<double> nca_f64;
}  // namespace portable
#if defined(ATHERIA_X86_KERNELS)
namespace avx2 {
extern const NcaKernels<float> nca_f32, nca_bf16;
extern const NcaKernels<double> nca_f64;
}  // namespace avx2
namespace avx512 {
extern const NcaKernels<float> nca_f32, nca_bf16;
extern const NcaKernels<double> nca_f64;
}  // namespace avx512
namespace avx512_bf16 {
extern const NcaNetwork<float> nca_network;
}  // namespace avx512_bf16
#endif

namespace {

bool pairs(Isa isa, NcaCompute compute) {
  return compute == NcaCompute::bf16 && isa == Isa::avx512 && has_bf16_dot();
}

template <class Real>
NcaKernels<Real> kernels_of(Isa, NcaCompute);

template <>
NcaKernels<double> kernels_of(Isa isa, NcaCompute) {
#if defined(ATHERIA_X86_KERNELS)
  if (isa == Isa::avx2) return avx2::nca_f64;
  if (isa == Isa::avx512) return avx512::nca_f64;
#endif
  static_cast<void>(isa);
  return portable::nca_f64;
}

template <>
NcaKernels<float> kernels_of(Isa isa, NcaCompute compute) {
  const bool rounds = compute == NcaCompute::bf16;
#if defined(ATHERIA_X86_KERNELS)
  if (isa == Isa::avx2) return rounds ? avx2::nca_bf16 : avx2::nca_f32;
  if (isa == Isa::avx512) {
    auto kernels = rounds ? avx512::nca_bf16 : avx512::nca_f32;
    if (pairs(isa, compute)) kernels.network = avx512_bf16::nca_network;
    return kernels;
  }
#endif
  return rounds ? portable::nca_bf16 : portable::nca_f32;
}

// The nearest bfloat16, ties to even; weights are finite.
std::uint16_t bf16(double value) {
  const auto number = static_cast<float>(value);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  if ((bits & 0x7F800000) == 0) return static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float rounded(double value) {
  const std::uint32_t bits = std::uint32_t{bf16(value)} << 16;
  float number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

// Room for `count` zeros.
template <class Number>
Number* room(std::vector<CacheLine>& lines, std::size_t count) {
  lines.assign((count * sizeof(Number) + sizeof(CacheLine) - 1) / sizeof(CacheLine), {});
  return reinterpret_cast<Number*>(lines.data());
}

}  // namespace

template <class Real>
NcaProgram<Real>::NcaProgram(const NcaWeightRows& rows, Isa isa, NcaCompute compute)
    : compute_(compute), kernels_(kernels_of<Real>(isa, compute)) {
  net_.seen = rows.seen;
  net_.hidden = (rows.hidden + kNcaChannels - 1) / kNcaChannels * kNcaChannels;
  if (pairs(isa, compute))
    pack<std::uint16_t>(rows, 2, bf16);
  else if (compute == NcaCompute::bf16)
    pack<Real>(rows, 1, rounded);
  else
    pack<Real>(rows, 1, [](double value) { return static_cast<Real>(value); });
}

// `together` numbers of one output stand side by side.
template <class Real>
template <class Number, class Convert>
void NcaProgram<Real>::pack(const NcaWeightRows& rows, int together, const Convert& convert) {
  const int seen = rows.seen, hidden = net_.hidden;
  const double slope = seen > 3 * kNcaChannels ? 1.0 / 32 : 1.0 / 8;  // exact
  const auto at = [&](int group, int inputs, int input, int lane) {
    const int within = (input / together * kNcaChannels + lane) * together + input % together;
    return static_cast<std::size_t>(group * inputs * kNcaChannels + within);
  };
  auto* const w1 = room<Number>(w1_, static_cast<std::size_t>(hidden * seen));
  auto* const w2 = room<Number>(w2_, static_cast<std::size_t>(hidden * kNcaChannels));
  auto* const b1 = room<Real>(b1_, static_cast<std::size_t>(hidden));
  auto* const b2 = room<Real>(b2_, kNcaChannels);
  for (int h = 0; h < rows.hidden; ++h) {
    b1[h] = static_cast<Real>(rows.b1[h]);
    for (int k = 0; k < seen; ++k)
      w1[at(h / kNcaChannels, seen, k, h % kNcaChannels)] =
          convert(rows.w1[h * seen + k] * (k < kNcaChannels ? 1 : slope));
    for (int c = 0; c < kNcaChannels; ++c)
      w2[at(0, hidden, h, c)] = convert(rows.w2[c * rows.hidden + h]);
  }
  for (int c = 0; c < kNcaChannels; ++c) b2[c] = static_cast<Real>(rows.b2[c]);
  net_.w1 = w1;
  net_.w2 = w2;
  net_.b1 = b1;
  net_.b2 = b2;
}

template class NcaProgram<float>;
template class NcaProgram<double>;

}  // namespace atheria::cpu
