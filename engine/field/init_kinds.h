#pragma once

#include <cstdint>
#include <functional>

#include "engine/field/canvas.h"
#include "engine/field/init_spec.h"

// The kinds of starting states. Each checks its settings at once and returns what fills a canvas
// for a seed; that throws before it changes anything. Drawing is by Philox at kInitStep.
namespace atheria {

using Filler = std::function<void(Canvas& canvas, std::uint64_t seed)>;

Filler noise_init(const InitSpec& spec);
Filler blobs_init(const InitSpec& spec);
Filler cell_init(const InitSpec& spec);
Filler packet_init(const InitSpec& spec);
Filler wave_init(const InitSpec& spec);
Filler pattern_init(const InitSpec& spec);
Filler image_init(const InitSpec& spec);

// The text of a pattern of Life: inline, of a file or of the library. Empty for others.
std::string rle_text(const InitSpec& spec);

}  // namespace atheria
