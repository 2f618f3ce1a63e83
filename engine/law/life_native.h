#pragma once

#include <memory>

#include "engine/law/law.h"
#include "engine/law/life_rule.h"

namespace atheria {

// Steps a bits field on the CPU: the whole of it, or, in large worlds, the tiles that do not rest,
// whichever is less work.
std::unique_ptr<Stepper> life_stepper(const GridSpec& grid, const LifeRule& rule,
                                      const Tuning& tuning);

}  // namespace atheria
