#pragma once

// Numbers side by side, as many as a register of this instruction set holds, for the loops of the
// neural automaton:
//
//   Wide<Real>, WideOf<Real>::kLanes   so many floats or doubles
//   load, store, all                   no alignment needed; all lanes the same
//   + - *                              lane by lane
//   multiply_add(a, b, c)              a * b + c, rounded once; by the portable set twice
//   relu                               negative numbers to zero; NaN stays NaN
//   zip_low, zip_high                  a0 b0 a1 b1 ... of the lower and of the upper halves
//   rounded_bf16                       the nearest bfloat16, as a float: ties to even, what is
//                                      denormal to zero, as VDPBF16PS reads it
#if defined(__GNUC__)
#define ATHERIA_ALWAYS_INLINE inline __attribute__((always_inline))
#define ATHERIA_INLINE_LAMBDA __attribute__((always_inline))
#define ATHERIA_UNROLL _Pragma("GCC unroll 24")
#else
#define ATHERIA_ALWAYS_INLINE inline
#define ATHERIA_INLINE_LAMBDA
#define ATHERIA_UNROLL
#endif

#if defined(ATHERIA_ISA_avx512) || defined(ATHERIA_ISA_avx512_bf16)
#include "engine/kernels/cpu/nca_vec_avx512.h"
#elif defined(ATHERIA_ISA_avx2)
#include "engine/kernels/cpu/nca_vec_avx2.h"
#else
#include "engine/kernels/cpu/nca_vec_portable.h"
#endif

namespace atheria::cpu::ATHERIA_ISA {

template <class Real>
using Wide = typename WideOf<Real>::Type;

}  // namespace atheria::cpu::ATHERIA_ISA
