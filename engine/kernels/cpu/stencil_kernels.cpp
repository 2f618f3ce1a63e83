#include "engine/kernels/cpu/stencil_kernels.h"

// Defined in stencil_isa.cpp, once for each instruction set.
#define ATHERIA_STENCILS_OF(isa)                                  \
  namespace isa {                                                 \
  extern const StencilKernels<GrayScott<float>> gray_scott_f32;   \
  extern const StencilKernels<GrayScott<double>> gray_scott_f64;  \
  extern const StencilKernels<Wave<float>> wave_f32;              \
  extern const StencilKernels<Wave<double>> wave_f64;             \
  extern const StencilKernels<GinzburgLandau<float>> landau_f32;  \
  extern const StencilKernels<GinzburgLandau<double>> landau_f64; \
  }

namespace atheria::cpu {

ATHERIA_STENCILS_OF(portable)
#if defined(ATHERIA_X86_KERNELS)
ATHERIA_STENCILS_OF(avx2)
ATHERIA_STENCILS_OF(avx512)
#define ATHERIA_PICK(table)   \
  switch (isa) {              \
    case Isa::avx512:         \
      return avx512::table;   \
    case Isa::avx2:           \
      return avx2::table;     \
    default:                  \
      return portable::table; \
  }
#else
#define ATHERIA_PICK(table) \
  static_cast<void>(isa);   \
  return portable::table;
#endif

template <>
StencilKernels<GrayScott<float>> stencil_kernels(Isa isa) {
  ATHERIA_PICK(gray_scott_f32)
}
template <>
StencilKernels<GrayScott<double>> stencil_kernels(Isa isa) {
  ATHERIA_PICK(gray_scott_f64)
}
template <>
StencilKernels<Wave<float>> stencil_kernels(Isa isa) {
  ATHERIA_PICK(wave_f32)
}
template <>
StencilKernels<Wave<double>> stencil_kernels(Isa isa) {
  ATHERIA_PICK(wave_f64)
}
template <>
StencilKernels<GinzburgLandau<float>> stencil_kernels(Isa isa) {
  ATHERIA_PICK(landau_f32)
}
template <>
StencilKernels<GinzburgLandau<double>> stencil_kernels(Isa isa) {
  ATHERIA_PICK(landau_f64)
}

}  // namespace atheria::cpu
