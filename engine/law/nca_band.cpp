#include "engine/law/nca_band.h"

#include <algorithm>

namespace atheria {

template <class Real>
NcaState<Real>::NcaState(const GridSpec& grid, const cpu::NcaProgram<Real>& the_program)
    : rows(grid),
      slice_rows(grid.depth > 1 ? grid.height : 1),
      stride((grid.width | 1) * std::int64_t{cpu::kNcaChannels}),
      program(the_program),
      seen_rows(the_program.net().seen > 3 * cpu::kNcaChannels ? 9 : 3),
      limit(static_cast<Real>(0.1)),
      living(grid),
      next_living(grid),
      after(grid),
      work(grid),
      kept(grid),
      changed(grid) {}

template <class Real>
void NcaState<Real>::place_cells(Real* at) {
  cells = at;
  const int layers = seen_rows == 9 ? 1 : 0;
  for (std::int64_t r = 0; r < rows.rows(); ++r)
    for (int dz = -layers; dz <= layers; ++dz)
      for (int dy = -1; dy <= 1; ++dy) about.push_back(row(rows.beside(r, dz, dy)));
}

// A slice waits for the next, whose last cells wait for a block to be full: three in all. Where
// slices are layers that block is filled up with nothing instead, which costs less than the memory.
template <class Real>
std::int64_t slices_queued(const NcaState<Real>& state) {
  return state.slice_rows > 1 ? 2 : 3;
}

template <class Real>
NcaBand<Real>::NcaBand(const NcaState<Real>& state, std::int64_t begin, std::int64_t end)
    : begin_(begin),
      end_(end),
      edge_(std::min<std::int64_t>(2, end - begin) * state.slice_rows * state.rows.grid().width,
            state.rows.grid().width, state.program),
      queue_(
          end - begin > 2 ? slices_queued(state) * state.slice_rows * state.rows.grid().width : 1,
          state.rows.grid().width, state.program),
      x_(static_cast<std::size_t>(state.rows.grid().width)),
      near_(static_cast<std::size_t>(state.work.words())),
      mask_(near_),
      pushed_(static_cast<std::size_t>(end - begin)) {}

template <class Real>
auto NcaBand<Real>::rows_of(const NcaState<Real>& state, std::int64_t slice) const -> Rows {
  return {slice * state.slice_rows, (slice + 1) * state.slice_rows};
}

template <class Real>
void NcaBand<Real>::begin(NcaState<Real>& state) {
  begin_edges(state);
  queue_.reset();
  added_ = settled_ = begin_ + 1;
  std::int64_t pushed = 0;
  for (auto slice = begin_ + 1; slice < end_ - 1; ++slice) {
    const auto cells = find_work(state, slice);
    if (!queue_.has_room(cells)) {
      queue_.flush();
      add_until(state, slice - 1);
    }
    collect(state, slice, queue_);
    pushed_[static_cast<std::size_t>(slice - begin_)] = pushed += cells;
    add_until(state, slice);
  }
  queue_.flush();
  add_until(state, end_ - 1);
  for (; settled_ < end_ - 1; ++settled_) settle(state, settled_);
  computed_ = edge_.computed() + queue_.computed();
}

// What the neighbouring bands ask of the outer slices is only what will live in them.
template <class Real>
void NcaBand<Real>::begin_edges(NcaState<Real>& state) {
  edge_.reset();
  typename NcaQueue<Real>::Place place;
  const auto step = std::max<std::int64_t>(end_ - 1 - begin_, 1);
  for (auto slice = begin_; slice < end_; slice += step) {
    find_work(state, slice);
    collect(state, slice, edge_);
  }
  edge_.flush();
  for (auto slice = begin_; slice < end_; slice += step) {
    const auto [from, to] = rows_of(state, slice);
    for (auto row = from; row < to; ++row) {
      edge_.read(place, state.work.count(row), [&](const auto* x, int count, const Real* dx) {
        state.program.kernels().foresee(state.row(row), x, count, dx, state.limit,
                                        state.after.write(row));
      });
      state.after.written(row);
    }
  }
}

template <class Real>
void NcaBand<Real>::finish(NcaState<Real>& state) {
  const auto step = std::max<std::int64_t>(end_ - 1 - begin_, 1);
  for (auto slice = begin_; slice < end_; slice += step) {
    const auto [from, to] = rows_of(state, slice);
    for (auto row = from; row < to; ++row) {
      // What will live is known already, and being read.
      edge_.take(state.work.count(row), [&](const auto* x, int count, const Real* dx) {
        state.program.kernels().add(state.row(row), x, count, dx, state.limit, near_.data());
      });
    }
    settle(state, slice);
  }
}

// The cells of a slice that have to go through the network: those that fire where something living
// can see them. What comes of the others is zeroed, whatever it is.
template <class Real>
std::int64_t NcaBand<Real>::find_work(NcaState<Real>& state, std::int64_t slice) {
  std::int64_t cells = 0;
  const auto [from, to] = rows_of(state, slice);
  for (auto row = from; row < to; ++row) {
    state.after.copy(row, state.living);
    auto& work = state.work;
    if (state.dense)
      work.fill(row);
    else if (state.rows.any_within(state.living, 2, row, work.write(row)))
      work.written(row);
    else
      work.clear(row);
    if (!work.used(row)) continue;
    if (!state.all_fire) {
      const auto first = static_cast<std::uint64_t>(row * state.rows.grid().width);
      state.program.kernels().fire(state.draw, first, work.words(), work.write(row));
      work.written(row);
    }
    cells += work.count(row);
  }
  return cells;
}

template <class Real>
void NcaBand<Real>::collect(NcaState<Real>& state, std::int64_t slice, NcaQueue<Real>& queue) {
  const auto [from, to] = rows_of(state, slice);
  for (auto row = from; row < to; ++row) {
    if (!state.work.used(row)) continue;
    const int cells = positions(state.work.row(row), state.work.words(), x_.data());
    queue.push(x_.data(), cells, state.rows_about(row));
  }
}

// Adds dx to the slices before `slice` that may change, and settles those whose neighbours are done.
template <class Real>
void NcaBand<Real>::add_until(NcaState<Real>& state, std::int64_t slice) {
  for (; added_ < slice && may_add(added_); ++added_) add(state, added_);
  for (; settled_ + 1 < added_; ++settled_) settle(state, settled_);
}

// Whether a slice has its dx and the next one, the last to see it, was perceived.
template <class Real>
bool NcaBand<Real>::may_add(std::int64_t slice) const {
  const auto here = static_cast<std::size_t>(slice - begin_);
  if (slice + 1 < end_ - 1 && queue_.perceived() < pushed_[here + 1]) return false;
  return pushed_[here] <= queue_.computed();
}

template <class Real>
void NcaBand<Real>::add(NcaState<Real>& state, std::int64_t slice) {
  const auto [from, to] = rows_of(state, slice);
  for (auto row = from; row < to; ++row) {
    if (!state.work.used(row)) continue;
    queue_.take(state.work.count(row), [&](const auto* x, int count, const Real* dx) {
      state.program.kernels().add(state.row(row), x, count, dx, state.limit,
                                  state.after.write(row));
    });
    state.after.written(row);
  }
}

template <class Real>
void NcaBand<Real>::settle(NcaState<Real>& state, std::int64_t slice) {
  const auto [from, to] = rows_of(state, slice);
  for (auto row = from; row < to; ++row) settle_row(state, row);
}

// Zero where nothing living was near before or is near now.
template <class Real>
void NcaBand<Real>::settle_row(NcaState<Real>& state, std::int64_t row) {
  const int words = state.work.words();
  auto *const before = mask_.data(), *const now = near_.data();
  const bool alive = state.rows.any_within(state.living, 1, row, before) &&
                     state.rows.any_within(state.after, 1, row, now);
  if (!alive && !state.kept.used(row) && !state.work.used(row)) return state.next_living.clear(row);
  if (state.dense) state.kept.fill(row);
  auto *const kept = state.kept.write(row), *const next = state.next_living.write(row);
  auto* const changed = state.changed.write(row);
  const auto *const work = state.work.row(row), *const after = state.after.row(row);
  for (int w = 0; w < words; ++w) {
    const auto mask = alive ? before[w] & now[w] : 0;
    const auto dead = (work[w] | kept[w]) & ~mask;
    changed[w] |= work[w] | dead;
    next[w] = after[w] & mask;
    kept[w] = mask;
    now[w] = dead;
  }
  for (auto* bits : {&state.kept, &state.next_living, &state.changed}) bits->written(row);
  const int dead = positions(now, words, x_.data());
  state.program.kernels().clear(state.row(row), x_.data(), dead);
}

template struct NcaState<float>;
template struct NcaState<double>;
template class NcaBand<float>;
template class NcaBand<double>;

}  // namespace atheria
