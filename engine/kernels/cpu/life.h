#pragma once

#include <vector>

#include "engine/base/isa.h"
#include "engine/kernels/cpu/life_kernels.h"

// Life on bits in plain memory. No torch, no threads.
namespace atheria::cpu {

// All give the same bits. With AVX-512 the processor is asked once more: those that shift two words
// into one (VBMI2) have strips of their own.
const LifeKernels& life_kernels(Isa isa);

// Every one that this processor and this build have.
std::vector<const LifeKernels*> life_kernels_here();

}  // namespace atheria::cpu
