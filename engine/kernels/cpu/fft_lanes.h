#pragma once

#include <cstdint>

// Several numbers in one register, for the kernels that go by Fourier transforms: sources compiled
// by atheria_isa_kernels (cmake/isa.cmake). Each Lanes<T> has kWidth lanes, in chunks of four:
//
//   load, store                 need no alignment
//   mul_add, mul_sub, sub_mul   a b + c, a b - c, c - a b: rounded once but on the portable path
//   add_mul1, sub_mul1          a + b and a - b, to the bit, on the units that multiply: AMD's have two
//                               of those and two that add
//   at_least, at_most           the other operand wins a comparison, so NaN stays NaN
//   nearest                     to the nearest whole number, any size
//   transpose4                  each chunk of four registers as a 4 x 4 matrix
//   take_across, put_across     chunks from kWidth / 4 vectors `apart` numbers away from each other:
//                               register c gets chunk c of each; and back
//   wheel                       entry `turn` (a whole number, modulo 16) of two tables
//   times_two_to                x 2^n for whole n, where nothing overflows or leaves the normal range
#if defined(__GNUC__)
#define ATHERIA_LANES_INLINE inline __attribute__((always_inline))
#define ATHERIA_LANES_ALONE __attribute__((noinline))  // its registers are its own
#define ATHERIA_UNROLL _Pragma("GCC unroll 16")
#define ATHERIA_PREFETCH(address) __builtin_prefetch(address, 1, 2)
#else
#define ATHERIA_LANES_INLINE __forceinline
#define ATHERIA_LANES_ALONE
#define ATHERIA_UNROLL
#define ATHERIA_PREFETCH(address)
#endif

#if defined(ATHERIA_ISA_avx512)
#include "engine/kernels/cpu/fft_lanes_avx512.h"
#elif defined(ATHERIA_ISA_avx2)
#include "engine/kernels/cpu/fft_lanes_avx2.h"
#else
#include "engine/kernels/cpu/fft_lanes_portable.h"
#endif
