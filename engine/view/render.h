#pragma once

#include "engine/field/field.h"
#include "engine/law/info.h"
#include "engine/view/view.h"
#include "engine/view/window.h"

namespace atheria {

// The views a law's fields have: every channel by name; density, phase, re, im for complex ones;
// rgb when there are three channels or more; change (how fast a cell moved in the last step).
std::vector<ViewInfo> views_of(const LawInfo& law);

// Throws Error (not_found) listing the names that exist. An empty name means the law's own view.
ViewInfo find_view(const LawInfo& law, const std::string& name);

// True for a view that also needs the field one step earlier.
bool needs_previous(const ViewSpec& spec);

// Throws what render() would throw for a field of this grid.
void check_view(const LawInfo& law, const GridSpec& grid, const ViewSpec& spec);

// Draws a view of a field (on another device: of a copy). `previous` is the field one step earlier,
// or null when not known ("change" is then all zero). Throws Error on a view, roi, fit or layer
// that does not exist. Reads each cell of the roi once. Picture::has_nan also tells of infinities.
Picture render(const LawInfo& law, const Field& field, const Field* previous, const ViewSpec& spec);

struct Histogram {
  double lo = 0, hi = 1;
  std::vector<std::uint64_t> counts;  // equal bins over [lo, hi]
  std::uint64_t nan = 0;
};

// Counts every cell of a one-channel view, unreduced; lo >= hi means the view's own smallest and
// largest (half a unit around it where they are equal). Cells outside the range are not counted;
// NaN and infinities are `nan`. Throws Error on another number of bins than 1..4096 and on
// "change", which needs two steps.
Histogram histogram(const LawInfo& law, const Field& field, const std::string& view, int bins,
                    double lo = 0, double hi = 0);

// The exact value of each channel at a cell. Throws Error when there is no such cell.
std::vector<double> probe(const Field& field, int x, int y, int z);

// The value of a one-channel view at a cell, computed in double. "change" without the field one
// step earlier is 0. Throws Error for a view with several channels.
double view_value(const LawInfo& law, const Field& field, const std::string& view, int x, int y,
                  int z, const Field* previous = nullptr);

}  // namespace atheria
