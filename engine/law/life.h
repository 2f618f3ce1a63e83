#pragma once

#include <memory>

#include "engine/law/law.h"

// Life-like automata: a cell is dead or alive, and is born (B) or survives (S) by how many of its
// eight neighbours live.
//
//   psi'(x) = 1 when n(x) is in B and psi(x) = 0, or n(x) is in S and psi(x) = 1;  else 0
//
// Gardner, "Mathematical games", Scientific American, October 1970. Parameter: rule, "B3/S23" and
// its other spellings (see life_rule.h).
namespace atheria {

std::unique_ptr<Law> make_life();

}  // namespace atheria
