#pragma once

#include "engine/base/isa.h"
#include "engine/kernels/cpu/split_step_data.h"

namespace atheria::cpu {

// T is float or double. AVX2 and AVX-512 give the same bits; the portable path rounds products before
// it adds to them.
template <class T>
SplitStepKernels<T> split_step_kernels(Isa isa);

}  // namespace atheria::cpu
