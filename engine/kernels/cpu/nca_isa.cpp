#include "engine/kernels/cpu/nca_cells.h"
#include "engine/kernels/cpu/nca_fire.h"
#include "engine/kernels/cpu/nca_kernels.h"
#include "engine/kernels/cpu/nca_network.h"

// The tables of one instruction set. nca_bf16: inputs, weights and hidden numbers rounded to
// bfloat16 and kept as floats.
namespace atheria::cpu::ATHERIA_ISA {
namespace {

template <class Real, bool kBf16>
constexpr NcaKernels<Real> kTable = {
    .network = {.number_bytes = sizeof(Real),
                .perceive = perceive<Real, kBf16>,
                .run = network<Real, kBf16>},
    .fire = fire,
    .add = add<Real>,
    .foresee = foresee<Real>,
    .clear = clear<Real>,
    .from_planes = from_planes<Real>,
    .to_planes = to_planes<Real>,
};

}  // namespace

extern const NcaKernels<float> nca_f32, nca_bf16;
extern const NcaKernels<double> nca_f64;
const NcaKernels<float> nca_f32 = kTable<float, false>;
const NcaKernels<float> nca_bf16 = kTable<float, true>;
const NcaKernels<double> nca_f64 = kTable<double, false>;

}  // namespace atheria::cpu::ATHERIA_ISA
