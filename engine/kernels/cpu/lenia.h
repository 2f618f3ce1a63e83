#pragma once

#include "engine/base/isa.h"
#include "engine/kernels/cpu/lenia_data.h"

namespace atheria::cpu {

// T is float or double. AVX2 and AVX-512 give the same bits; the portable path rounds products before
// it adds to them.
template <class T>
LeniaKernels<T> lenia_kernels(Isa isa);

}  // namespace atheria::cpu
