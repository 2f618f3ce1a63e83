#pragma once

#include <memory>

#include "engine/law/law.h"
#include "engine/law/nca_reference.h"
#include "engine/law/nca_weights.h"

namespace atheria {

// Steps a float32 or float64 field (bf16: float32 only) on the CPU, rows in bands over the shared pool. Only cells that
// fire beside something living go through the network, and where nothing lives nothing is read.
//
// AVX2 and AVX-512 give the same bits; the portable loops round products before they are added, and
// differ by rounding (nca_native_test.cpp has the band).
std::unique_ptr<Stepper> nca_stepper(const Setup& setup, const NcaWeights& weights,
                                     const NcaOptions& options);

}  // namespace atheria
