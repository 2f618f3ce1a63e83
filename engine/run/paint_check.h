#pragma once

#include <vector>

#include "engine/field/field.h"
#include "engine/run/edit.h"
#include "engine/run/paint_stamp.h"

namespace atheria {

// Throws Error on what is wrong with the paint itself.
void check_paint(const Paint& paint, const std::vector<Channel>& channels);

// Throws Error on what does not go with this field: layer, place, size of the work, size of the
// numbers.
void check_fit(const Field& field, const std::vector<Channel>& channels, const Paint& paint,
               const Stamp& stamp);

// What a channel is painted with.
double target_of(const Channel& channel, const Paint& paint);

// The radius cells are measured against.
double reach_of(const Paint& paint);

}  // namespace atheria
