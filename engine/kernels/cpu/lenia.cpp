#include "engine/kernels/cpu/lenia.h"

namespace atheria::cpu {

// Of lenia_isa.cpp.
namespace portable {
template <class T>
LeniaKernels<T> lenia_kernels();
}
namespace avx2 {
template <class T>
LeniaKernels<T> lenia_kernels();
}
namespace avx512 {
template <class T>
LeniaKernels<T> lenia_kernels();
}

template <class T>
LeniaKernels<T> lenia_kernels([[maybe_unused]] Isa isa) {
#if defined(ATHERIA_X86_KERNELS)
  if (isa == Isa::avx512) return avx512::lenia_kernels<T>();
  if (isa == Isa::avx2) return avx2::lenia_kernels<T>();
#endif
  return portable::lenia_kernels<T>();
}

template LeniaKernels<float> lenia_kernels<float>(Isa isa);
template LeniaKernels<double> lenia_kernels<double>(Isa isa);

}  // namespace atheria::cpu
