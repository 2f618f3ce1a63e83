#pragma once

#include <cstdint>
#include <vector>

#include "engine/field/grid.h"

namespace atheria::bench {

// Fields of Life as StepBench::load() takes them: rows of 64-bit words, lowest bit first. Soup has
// three cells in eight alive, always the same ones. In two opposite corners lies a block (a still
// life), so that who knows only where the living are knows the whole.
std::vector<std::uint8_t> life_block(const GridSpec& grid);
std::vector<std::uint8_t> life_patches(const GridSpec& grid);

}  // namespace atheria::bench
