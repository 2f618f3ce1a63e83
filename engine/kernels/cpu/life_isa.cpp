#include "engine/kernels/cpu/life_strip.h"
#include "engine/kernels/cpu/life_stripes_margins.h"
#include "engine/kernels/cpu/life_stripes_pack.h"
#include "engine/kernels/cpu/life_stripes_step.h"
#include "engine/kernels/cpu/life_tile_step.h"

#define ATHERIA_LIFE_TEXT(name) #name
#define ATHERIA_LIFE_NAME(name) ATHERIA_LIFE_TEXT(name)

namespace atheria::cpu::ATHERIA_ISA {
namespace {

// Calls body with the rule as what computes it fastest.
template <class Body>
auto by_rule(const LifeRuleMasks& rule, const Body& body) {
  return rule.conway ? body(Conway{}) : body(AnyRule{rule});
}

void strip(const LifeStrip& strip, const LifeRuleMasks& masks) {
  by_rule(masks, [&](const auto& rule) { step_strip(strip, rule); });
}

unsigned tile(const LifeTileView& view, int steps, const LifeRuleMasks& masks) {
  return by_rule(masks, [&](const auto& rule) { return step_tile(view, steps, rule); });
}

bool tile_rests(const LifeTileView& view, const LifeTileView& other, const LifeRuleMasks& masks) {
  return by_rule(masks,
                 [&](const auto& rule) { return cpu::ATHERIA_ISA::tile_rests(view, other, rule); });
}

void pack(const LifeStripes& stripes, int slab, const Word* field) {
  Packer(stripes, slab).pack(field);
}

void unpack(const LifeStripes& stripes, int slab, Word* field) {
  Packer(stripes, slab).unpack(field);
}

void margins(const LifeStripes& stripes, int slab, int steps) {
  Margins(stripes, slab).fill(steps);
}

void step(const LifeStripes& stripes, int slab, int steps, const LifeRuleMasks& masks) {
  by_rule(masks, [&](const auto& rule) { step_slab(stripes, slab, steps, rule); });
}

}  // namespace

extern const LifeKernels kLifeKernels;
const LifeKernels kLifeKernels = {ATHERIA_LIFE_NAME(ATHERIA_ISA),
                                  strip,
                                  tile,
                                  tile_rests,
                                  kLanes<Wide>,
                                  pack,
                                  unpack,
                                  margins,
                                  step};

}  // namespace atheria::cpu::ATHERIA_ISA
