#pragma once

#include <memory>

#include "engine/law/law.h"
#include "engine/law/nca_weights.h"

namespace atheria {

// Steps a float32 or float64 field on the CPU: only cells that fire beside something living run the
// network, sixteen at a time, rows in bands over the shared pool.
std::unique_ptr<Stepper> nca_stepper(const Setup& setup, const NcaWeights& weights,
                                     double fire_rate);

}  // namespace atheria
