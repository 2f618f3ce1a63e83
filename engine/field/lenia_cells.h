#pragma once

#include "engine/field/seed_patterns.h"

// Creatures of Lenia as their finder published them.
namespace atheria {

SeedPattern orbium();         // for R=13, mu=0.15, sigma=0.015, dt=0.1
SeedPattern hydrogeminium();  // for R=18, beta=1/2,1,2/3, mu=0.26, sigma=0.036, dt=0.1

}  // namespace atheria
