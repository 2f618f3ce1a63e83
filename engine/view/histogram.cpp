#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/view/render.h"
#include "engine/view/source.h"

namespace atheria {

namespace {

constexpr int kMostBins = 4096;
constexpr int kBlock = 1024;

// Calls look(value) for every cell.
template <typename T, typename Look>
void each_cell(CellSource source, Look look) {
  const GridSpec& grid = source.now.grid;
  T block[kBlock];
  for (source.z = 0; source.z < grid.depth; ++source.z) {
    for (int y = 0; y < grid.height; ++y) {
      for (int x = 0; x < grid.width; x += kBlock) {
        const int n = std::min(kBlock, grid.width - x);
        source.read(block, x, n, 1, y);
        for (int i = 0; i < n; ++i) look(static_cast<double>(block[i]));
      }
    }
  }
}

template <typename Look>
void each_cell_of(const CellSource& source, Look look) {
  if (source.now.dtype == Dtype::f64) return each_cell<double>(source, look);
  each_cell<float>(source, look);
}

void find_range(const CellSource& source, Histogram& result) {
  double lo = std::numeric_limits<double>::infinity();
  double hi = -lo;
  each_cell_of(source, [&](double value) {
    if (!std::isfinite(value)) return;
    lo = std::min(lo, value);
    hi = std::max(hi, value);
  });
  if (lo > hi) return;  // nothing finite: keep 0..1
  if (lo == hi) {
    const double half =
        std::max(0.5, std::abs(lo) * 1e-6);  // wide enough to be seen in double and float
    lo -= half;
    hi += half;
  }
  result.lo = lo;
  result.hi = hi;
}

void check(const ViewInfo& view, int bins, double lo, double hi) {
  if (bins < 1 || bins > kMostBins) {
    throw Error(ErrorKind::bad_args, fmt::format("bins is {}; it takes 1..{}", bins, kMostBins),
                "args.bins");
  }
  if (!std::isfinite(lo) || !std::isfinite(hi)) {
    throw Error(ErrorKind::bad_args, fmt::format("range [{},{}] is not finite", lo, hi),
                "args.range");
  }
  if (view.name == "change") {
    throw Error(ErrorKind::unsupported, "a histogram looks at one step; 'change' is about two",
                "args.view");
  }
  if (view.channels != 1) {
    throw Error(ErrorKind::bad_args,
                fmt::format("view '{}' has {} channels; a histogram takes a view with one",
                            view.name, view.channels),
                "args.view");
  }
}

}  // namespace

Histogram histogram(const LawInfo& law, const Field& field, const std::string& view, int bins,
                    double lo, double hi) {
  const ViewInfo info = find_view(law, view);
  check(info, bins, lo, hi);
  const HostPlanes now(field);
  const CellSource source = sources_of(law, info.name, now.planes(), {}).front();
  Histogram result{.lo = lo, .hi = hi, .counts = std::vector<std::uint64_t>(bins)};
  if (lo >= hi) {
    result.lo = 0;
    result.hi = 1;
    find_range(source, result);
  }
  const double scale = bins / (result.hi - result.lo);
  each_cell_of(source, [&](double value) {
    if (!std::isfinite(value)) {
      ++result.nan;
    } else if (value >= result.lo && value <= result.hi) {
      const auto bin = static_cast<int>((value - result.lo) * scale);
      ++result.counts[std::clamp(bin, 0, bins - 1)];
    }
  });
  return result;
}

}  // namespace atheria
