#pragma once

#include <cstdint>

#include "engine/law/life_rule.h"

// Life on rows of bits, 64 cells a word: the inner loops of life_native.cpp. No torch, no threads.
namespace atheria::life {

using Word = std::uint64_t;

// One row of a torus. Bits past the last cell are zero.
struct Row {
  const Word* words;
  std::int64_t count;
  int last;  // cells in the last word, 1..64
};

// All ones where a count of living neighbours gives birth, or lets survive.
struct RuleMasks {
  Word birth[9];
  Word survive[9];
  explicit RuleMasks(const LifeRule& rule);
};

// The next state of the middle row into `out`: Conway's rule, or any.
void step_conway(const Row& up, const Row& middle, const Row& down, Word* out);
void step_any(const Row& up, const Row& middle, const Row& down, Word* out, const RuleMasks& rule);

}  // namespace atheria::life
