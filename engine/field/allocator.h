#pragma once

#include "engine/field/block_pool.h"

namespace atheria {

// What this process may use: the machine's memory, or its container's limit when that is less.
std::size_t memory_bytes();

// From now on the CPU tensors of this process come from a BlockPool. Eager steps make and drop
// large tensors; the system's allocator maps, faults in and unmaps each of them, which costs
// several times the arithmetic. Call once, early, from one thread; again does nothing. Tensors made
// before keep their own memory.
//
// The environment's ATHERIA_CPU_CACHE_MB bounds the cache (see below). Does nothing under
// AddressSanitizer, which needs to see each tensor's own allocation.
void install_cpu_allocator();

// The most bytes to cache for a wish in mebibytes; null or "": an eighth of the machine's (or
// container's) memory. Throws Error when it is not a number from 0 to 16777216.
std::size_t cpu_cache_bound(const char* mebibytes);

// All zero before it is installed.
PoolCounters cpu_allocator_counters();

// Gives the cache back to the system: after a large world is gone.
void release_cpu_cache();

}  // namespace atheria
