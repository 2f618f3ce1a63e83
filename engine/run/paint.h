#pragma once

#include <cstdint>
#include <vector>

#include "engine/field/field.h"
#include "engine/law/info.h"
#include "engine/run/edit.h"

// Edits by hand. Cell (x, y) has its middle at exactly x, y; a stroke touches the cells whose middle is within the
// radius of its line (never less than a cell's half diagonal, so that a dab always leaves a mark), each once however
// often the line passes. With softness the effect falls off smoothly to nothing at the edge; a bit follows where the
// effect is at least one half. In a 3-D field a dab is a ball around layer z.
//
//   brush   mixes towards background + value * (ink - background). A complex field, painted whole, gets that
//           amplitude (of its real part's channel) with the phase each cell had; 0 where it had none.
//   erase   mixes towards the background of each channel; with a hard edge it is then exact.
//   noise   mixes, by value 0..1, towards a number drawn for each cell from the channel's lo..hi; a bit becomes 1
//           with a chance of value / 2, else 0. The same numbers for the same seed and step.
//   stamp   puts the pattern's live cells, centred at each point, to what brush would; leaves its dead cells alone. A
//           seed of a continuous law ("orbium") puts its own values into the field's first channels.
namespace atheria {

// Throws Error, with path "args.radius" and so on, on what can be told without a field.
void validate(const Paint& paint, const LawInfo& law);

// Changes the field, or throws Error and changes nothing. Cost follows the cells touched; a field on another device is
// copied here and back. From the field's own thread.
void paint(Field& field, const std::vector<Channel>& channels, bool complex, const Paint& paint,
           std::uint64_t seed, std::uint64_t step);

}  // namespace atheria
