#pragma once

#include <string>
#include <vector>

#include "engine/field/field.h"
#include "engine/law/info.h"
#include "engine/view/cells.h"

namespace atheria {

// A field's planes on the CPU: its own, or a copy of those on another device, kept alive by this.
class HostPlanes {
 public:
  explicit HostPlanes(const Field& field);
  const Planes& planes() const { return planes_; }

 private:
  at::Tensor kept_;
  Planes planes_;
};

// The cells of a view: one source, or three for "rgb" (channels r, g, b where the law has them,
// else its first three; over white by its channel alpha, or a beside r). `before` has null data
// when not known. Throws Error on a view that does not exist.
std::vector<CellSource> sources_of(const LawInfo& law, const std::string& view, const Planes& now,
                                   const Planes& before);

// What a one-channel view that exists looks at, without planes.
CellSource single_source(const LawInfo& law, const std::string& view);

// True when two fields are states of the same kind of world.
bool same_shape(const Field& a, const Field& b);

}  // namespace atheria
