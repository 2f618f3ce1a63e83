#pragma once

#include <string>

#include "engine/run/command.h"

namespace atheria::wire {

// What stands before the numbers in a .npy file (NumPy's format 1.0); the copy's bytes follow as
// they are. Its length is a multiple of 64. Throws Error (internal) when bytes and shape disagree.
std::string npy_header(const FieldCopy& field);

}  // namespace atheria::wire
