#pragma once

#include "engine/base/isa.h"
#include "engine/kernels/cpu/ginzburg_landau.h"
#include "engine/kernels/cpu/gray_scott.h"
#include "engine/kernels/cpu/stencil.h"
#include "engine/kernels/cpu/wave.h"

namespace atheria::cpu {

// The loops of a law, GrayScott<float> for one, for an instruction set that is here
// (isas_here()). All give the same bits as long as four times a cell is a number: where that
// overflows, one may say infinity and another NaN.
template <class Law>
StencilKernels<Law> stencil_kernels(Isa isa);

}  // namespace atheria::cpu
