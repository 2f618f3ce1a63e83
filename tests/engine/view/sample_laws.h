#pragma once

#include <cmath>

#include "engine/field/field.h"
#include "engine/law/info.h"

// Laws as data, just enough for a view to know what it looks at.
namespace atheria {

inline LawInfo law_with(std::vector<Channel> channels) {
  LawInfo law;
  law.name = "sample";
  law.channels = std::move(channels);
  return law;
}

inline LawInfo one_channel() {
  LawInfo law = law_with({{.name = "u", .unit = "mol", .lo = -1, .hi = 3}});
  law.view = "u";
  return law;
}

inline LawInfo bits_law() {
  LawInfo law = law_with({{.name = "alive"}});
  law.dtypes = {Dtype::bits};
  return law;
}

inline LawInfo complex_law() {
  LawInfo law =
      law_with({{.name = "re", .lo = -2, .hi = 2}, {.name = "im", .lo = -2, .hi = 2, .ink = 0}});
  law.complex = true;
  law.view = "density";
  return law;
}

inline LawInfo coloured_law() {
  return law_with({{.name = "r"}, {.name = "g"}, {.name = "b"}, {.name = "a"}});
}

// value(channel, x, y, z) at every cell.
template <typename Value>
Field filled(GridSpec grid, int channels, Dtype dtype, Value value) {
  Field field(grid, channels, dtype);
  at::Tensor dense =
      at::empty({channels, grid.depth, grid.height, grid.width}, at::TensorOptions(at::kDouble));
  double* cell = dense.data_ptr<double>();
  for (int c = 0; c < channels; ++c) {
    for (int z = 0; z < grid.depth; ++z) {
      for (int y = 0; y < grid.height; ++y) {
        for (int x = 0; x < grid.width; ++x) *cell++ = value(c, x, y, z);
      }
    }
  }
  field.set_dense(dense);
  return field;
}

}  // namespace atheria
