#pragma once

#include <memory>

#include "engine/law/law.h"
#include "engine/law/life_rule.h"

namespace atheria {

// Steps a bits field on the CPU, 64 cells a word, rows in bands over the shared pool.
std::unique_ptr<Stepper> life_stepper(const GridSpec& grid, const LifeRule& rule);

}  // namespace atheria
