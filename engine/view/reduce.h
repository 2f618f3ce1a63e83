#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "engine/view/cells.h"
#include "engine/view/window.h"

// Many cells to one texel. No torch: only loops live here.
namespace atheria {

// The smallest and largest finite texel seen so far.
struct Extent {
  float lo = std::numeric_limits<float>::infinity();
  float hi = -std::numeric_limits<float>::infinity();
  bool all_finite = true;

  void add(const float* values, std::int64_t count);
  void add(const Extent& other);
};

// What one thread needs while it reduces; made before the threads start.
class Scratch {
 public:
  explicit Scratch(const Window& window);

  // Cells of a row handled at once: a whole number of texels, few enough to stay in the nearest
  // cache.
  int block() const { return block_; }

  template <typename T>
  T* cells();
  double* sums() { return sums_.data(); }
  std::uint64_t* counts() { return counts_.data(); }
  int count_size() const { return static_cast<int>(counts_.size()); }
  std::uint64_t* words() { return words_.data(); }

 private:
  int block_;
  std::vector<double> cells_;
  std::vector<double> sums_;
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint64_t> words_;
};

// Fills rows [first, last) of a picture that starts at `picture`, one float a texel. A texel at the
// right or lower edge is made of the cells there are. NaN in a cell that counts makes the texel
// NaN. `sample` takes the cell nearest the texel's middle.
void reduce_rows(const CellSource& source, const Window& window, Reduce reduce, std::int64_t first,
                 std::int64_t last, float* picture, Scratch& scratch, Extent& extent);

// The same, counting bits by words: for a channel of bits or its change, any lod but 0, any
// reduction but sample.
bool can_count_bits(const CellSource& source, const Window& window, Reduce reduce);
void count_bit_rows(const CellSource& source, const Window& window, Reduce reduce,
                    std::int64_t first, std::int64_t last, float* picture, Scratch& scratch,
                    Extent& extent);

}  // namespace atheria
