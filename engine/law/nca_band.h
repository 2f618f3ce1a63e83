#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/cpu/nca.h"
#include "engine/law/nca_bits.h"
#include "engine/law/nca_queue.h"

namespace atheria {

// A neural automaton between two steps, as its bands see it. The cells are the state, each
// kNcaChannels numbers side by side; the bits follow from them:
//
//   living   alpha is above the limit                       after   the same once dx was added
//   work     fires, and something living can see the result
//   kept     may hold anything; elsewhere cells are zero (or were not numbers)
//   changed  written since the planes were
template <class Real>
struct NcaState {
  NcaState(const GridSpec& grid, const cpu::NcaProgram<Real>& the_program);

  // Slices are what a step goes by: rows, and layers where there are several.
  std::int64_t slices() const { return rows.rows() / slice_rows; }
  Real* row(std::int64_t r) const { return cells + r * stride; }

  // The rows a row's cells see, as the network takes them.
  const Real* const* rows_about(std::int64_t r) const { return about.data() + r * seen_rows; }

  // Where the cells are. Once.
  void place_cells(Real* at);

  const RowGrid rows;
  const std::int64_t slice_rows;
  const std::int64_t stride;  // numbers from one row of cells to the next: an odd number of cells,
                              // or rows would meet in the same few places of a cache
  const cpu::NcaProgram<Real>& program;
  const int seen_rows;  // three, or nine where cells see layers
  Real limit;
  bool dense = false;  // leaves out no cell that fires, living or not
  bool all_fire = false;
  cpu::NcaDraw draw;
  Real* cells = nullptr;
  std::vector<const Real*> about;
  CellBits living, next_living, after, work, kept, changed;
};

// Steps some slices. In place: a cell may change once all that see it have perceived it, so that dx
// waits in a queue for a slice or two. The first and the last slice are seen by the neighbouring
// bands; they change in finish(), when all bands have begun. A band belongs to one thread at a
// time; all bands begin() before one may finish().
template <class Real>
class NcaBand {
 public:
  NcaBand(const NcaState<Real>& state, std::int64_t begin, std::int64_t end);

  void begin(NcaState<Real>& state);
  void finish(NcaState<Real>& state);

  // Cells that went through the network in the last step.
  std::int64_t computed() const { return computed_; }

 private:
  using Rows = std::pair<std::int64_t, std::int64_t>;  // from, to
  Rows rows_of(const NcaState<Real>& state, std::int64_t slice) const;
  std::int64_t find_work(NcaState<Real>& state, std::int64_t slice);
  void collect(NcaState<Real>& state, std::int64_t slice, NcaQueue<Real>& queue);
  void begin_edges(NcaState<Real>& state);
  void add_until(NcaState<Real>& state, std::int64_t slice);
  void add(NcaState<Real>& state, std::int64_t slice);
  bool may_add(std::int64_t slice) const;
  void settle(NcaState<Real>& state, std::int64_t slice);
  void settle_row(NcaState<Real>& state, std::int64_t row);

  std::int64_t begin_, end_;     // slices
  NcaQueue<Real> edge_, queue_;  // of the first and the last slice; of those between
  std::vector<std::int32_t> x_;  // scratch, these three: a row's cells, and bits
  std::vector<std::uint64_t> near_, mask_;
  std::vector<std::int64_t> pushed_;  // cells of the queue up to each slice's end
  std::int64_t added_ = 0;            // the next slice to add dx to
  std::int64_t settled_ = 0;          // the next slice to settle
  std::int64_t computed_ = 0;
};

}  // namespace atheria
