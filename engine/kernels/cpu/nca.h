#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/isa.h"
#include "engine/kernels/cpu/nca_kernels.h"

namespace atheria::cpu {

// A network as it comes: row-major [hidden, seen], [hidden], [kNcaChannels, hidden],
// [kNcaChannels]. Borrowed.
struct NcaWeightRows {
  int seen = 0;    // 48 or 64
  int hidden = 0;  // 1 .. kNcaMaxHidden
  const double* w1 = nullptr;
  const double* b1 = nullptr;
  const double* w2 = nullptr;
  const double* b2 = nullptr;
};

enum class NcaCompute {
  full,  // in the numbers of the field
  bf16,  // inputs, weights and hidden numbers rounded to bfloat16; sums in float32
};

// Memory that begins at a cache line.
struct alignas(64) CacheLine {
  std::uint8_t bytes[64] = {};
};

// The loops for an instruction set, and a network packed for them. Constant once made.
template <class Real>
class NcaProgram {
 public:
  NcaProgram(const NcaWeightRows& rows, Isa isa, NcaCompute compute);
  NcaProgram(const NcaProgram&) = delete;
  NcaProgram& operator=(const NcaProgram&) = delete;

  const NcaKernels<Real>& kernels() const { return kernels_; }
  const NcaNet<Real>& net() const { return net_; }
  bool rounds() const { return compute_ == NcaCompute::bf16; }

 private:
  template <class Number, class Convert>
  void pack(const NcaWeightRows& rows, int together, const Convert& convert);

  NcaCompute compute_;
  NcaKernels<Real> kernels_;
  NcaNet<Real> net_;
  std::vector<CacheLine> w1_, b1_, w2_, b2_;
};

extern template class NcaProgram<float>;
extern template class NcaProgram<double>;

}  // namespace atheria::cpu
