#include "engine/kernels/cpu/split_step.h"

namespace atheria::cpu {

// Of split_step_isa.cpp.
namespace portable {
template <class T>
SplitStepKernels<T> split_step_kernels();
}
namespace avx2 {
template <class T>
SplitStepKernels<T> split_step_kernels();
}
namespace avx512 {
template <class T>
SplitStepKernels<T> split_step_kernels();
}

template <class T>
SplitStepKernels<T> split_step_kernels([[maybe_unused]] Isa isa) {
#if defined(ATHERIA_X86_KERNELS)
  if (isa == Isa::avx512) return avx512::split_step_kernels<T>();
  if (isa == Isa::avx2) return avx2::split_step_kernels<T>();
#endif
  return portable::split_step_kernels<T>();
}

template SplitStepKernels<float> split_step_kernels<float>(Isa isa);
template SplitStepKernels<double> split_step_kernels<double>(Isa isa);

}  // namespace atheria::cpu
