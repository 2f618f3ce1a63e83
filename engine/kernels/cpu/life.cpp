#include "engine/kernels/cpu/life.h"

namespace atheria::cpu {

namespace portable {
extern const LifeKernels kLifeKernels;
}
namespace avx2 {
extern const LifeKernels kLifeKernels;
}
namespace avx512 {
extern const LifeKernels kLifeKernels;
}
namespace avx512_vbmi2 {
extern const LifeKernels kLifeKernels;
}

namespace {

bool has_vbmi2() {
#if defined(ATHERIA_X86_KERNELS)
  return __builtin_cpu_supports("avx512vbmi2");
#else
  return false;
#endif
}

}  // namespace

const LifeKernels& life_kernels(Isa isa) {
#if defined(ATHERIA_X86_KERNELS)
  if (isa == Isa::avx512) return has_vbmi2() ? avx512_vbmi2::kLifeKernels : avx512::kLifeKernels;
  if (isa == Isa::avx2) return avx2::kLifeKernels;
#endif
  static_cast<void>(isa);
  return portable::kLifeKernels;
}

std::vector<const LifeKernels*> life_kernels_here() {
  std::vector<const LifeKernels*> here;
  for (const Isa isa : isas_here()) {
#if defined(ATHERIA_X86_KERNELS)
    if (isa == Isa::avx512 && has_vbmi2()) here.push_back(&avx512::kLifeKernels);
#endif
    here.push_back(&life_kernels(isa));
  }
  return here;
}

}  // namespace atheria::cpu
