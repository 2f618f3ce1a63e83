#pragma once

#include <cstdint>
#include <string>

#include "engine/field/grid.h"
#include "engine/kernels/cpu/life.h"
#include "engine/kernels/cpu/life_rows.h"
#include "engine/kernels/cpu/life_stripes.h"

namespace atheria {

// Steps every cell of a world of bits, on the shared pool. Short runs row by row; long runs in
// stripes (engine/kernels/cpu/life_stripes.h), several steps in one go.
class LifeDense {
 public:
  using Word = std::uint64_t;

  LifeDense(const GridSpec& grid, const cpu::LifeKernels& kernels, const cpu::LifeRuleMasks& rule);

  // Words of memory to be lent to advance(), for as many threads as the pool has now.
  std::int64_t scratch();

  // `scratch` keeps the same place and its contents from one call to the next, unless forget() is
  // called between.
  void advance(Word* field, Word* scratch, std::uint32_t k);

  // Somebody wrote the field, or the scratch memory.
  void forget() { packed_ = false; }

  // "dense", or "dense, 8 steps fused".
  std::string how() const;

 private:
  void step_rows(Word* field, Word* other, std::uint32_t k);
  bool in_place() const;
  void step_in_place(Word* field, Word* row, std::uint32_t k);
  void step_rows_once(std::int64_t begin, std::int64_t end) const;
  void step_stripes(Word* field, Word* scratch, std::uint32_t k);
  void plan();
  template <class Body>
  void each_slab(const Body& body) const;

  const cpu::LifeKernels& kernels_;
  const cpu::LifeRuleMasks rule_;
  const cpu::LifeRows rows_;
  cpu::LifeStripes stripes_ = {};
  bool has_stripes_ = false;
  int threads_ = 0;             // that the stripes are planned for
  bool packed_ = false;         // the stripes hold the field
  int fused_ = 1;               // steps in one go, last time
  const Word* from_ = nullptr;  // these: only during an advance
  Word* to_ = nullptr;
  int steps_ = 0;
};

}  // namespace atheria
