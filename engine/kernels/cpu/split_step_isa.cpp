#include "engine/kernels/cpu/fft_rows.h"
#include "engine/kernels/cpu/split_step_phase.h"

// Compiled once for each instruction set (cmake/isa.cmake).
namespace atheria::cpu::ATHERIA_ISA {
namespace {

// Row y's place in every strip.
template <class T>
ATHERIA_LANES_INLINE std::int64_t row_at(const SplitStep<T>& world, std::int64_t y) {
  return y / world.columns.leaf * world.leap + y % world.columns.leaf * kFftVector;
}

template <class T, class Phase>
void fetch_row(const SplitStep<T>& world, std::int64_t y, const Phase& phase) {
  const T* const re = world.re + y * world.width;
  const T* const im = world.im + y * world.width;
  auto at = row_at(world, y);
  for (std::int64_t x = 0; x < world.width; x += kFftLanes, at += world.strip)
    for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
      const Number<T> z{Lanes<T>::load(re + x + lane), Lanes<T>::load(im + x + lane)};
      store(world.strips + at + lane, phase.after(z, at + lane));
    }
}

// Vectors of one block of a strip, at strips + at.
template <class T, class Change>
ATHERIA_LANES_INLINE void change_block(const SplitStep<T>& world, std::int64_t block,
                                       const Change& change) {
  for (std::int64_t i = 0; i < world.columns.leaf * kFftVector; i += kFftVector)
    for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
      const auto at = block + i + lane;
      store(world.strips + at, change(load(world.strips + at), at));
    }
}

// The potential's half steps on a strip that has been moved: the end of this step and the beginning
// of the next one.
template <class T, class Phase>
void end_and_begin(const SplitStep<T>& world, std::int64_t strip, const Phase& phase) {
  auto block = strip * world.strip;
  for (std::int64_t y = 0; y < world.height; y += world.columns.leaf, block += world.leap) {
    const auto once = [&](Number<T> z, std::int64_t at) { return phase.after(z, at); };
    const auto twice = [&](Number<T> z, std::int64_t at) { return once(once(z, at), at); };
    if constexpr (Phase::kLong) {
      change_block(world, block, once);
      change_block(world, block, once);
    } else {
      change_block(world, block, twice);
    }
  }
}

// The end of this step, into the field.
template <class T, class Phase>
void end_into_field(const SplitStep<T>& world, std::int64_t strip, const Phase& phase) {
  auto block = strip * world.strip;
  for (std::int64_t y = 0; y < world.height; block += world.leap)
    for (std::int64_t i = 0; i < world.columns.leaf; ++i, ++y)
      for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
        const auto at = block + i * kFftVector + lane;
        const auto z = phase.after(load(world.strips + at), at);
        const auto cell = y * world.width + strip * kFftLanes + lane;
        z.re.store(world.re + cell);
        z.im.store(world.im + cell);
      }
}

// The motion along x of the rows from y on, in the lanes of their groups.
template <class T>
void move_rows(const SplitStep<T>& world, std::int64_t y) {
  const RowLines<T> lines{
      {world.strips + row_at(world, y), world.strip, world.rows.axis.leaf * world.strip},
      kFftVector};
  Group<T> group;
  T* const buffer = group.numbers;
  prefetch_rows(world.rows, lines);
  rows_forward(world.rows, lines);
  const T* factors = world.row_factors;
  for (std::int64_t i = 0; i < groups_of(world.rows); ++i, factors += 16 * kFftVector) {
    take_group(world.rows, lines, i, buffer);
    lanes_there_and_back(buffer, [&](int k, int lane, Number<T> z) {
      return turned(z, load(factors + k * kFftVector + lane));
    });
    put_group(world.rows, lines, i, buffer);
  }
  rows_inverse(world.rows, lines);
}

template <class T>
void rows(const SplitStep<T>& world, bool first, std::int64_t begin, std::int64_t end) {
  for (auto y = begin * world.rows.rows; y < end * world.rows.rows; y += world.rows.rows) {
    const auto past = y + world.rows.rows < world.height ? y + world.rows.rows : world.height;
    if (first)
      with_phase(world, [&](const auto& phase) {
        for (auto row = y; row < past; ++row) fetch_row(world, row, phase);
      });
    move_rows(world, y);
  }
}

template <class T>
void columns(const SplitStep<T>& world, bool last, std::int64_t begin, std::int64_t end) {
  for (auto strip = begin; strip < end; ++strip) {
    const FftLine<T> line{world.strips + strip * world.strip, kFftVector, world.leap};
    there_and_back<kFftVector>(world.columns, line, world.column_factors);
    if (world.kind == PhaseKind::none && !last) continue;
    with_phase(world, [&](const auto& phase) {
      if (last) return end_into_field(world, strip, phase);
      end_and_begin(world, strip, phase);
    });
  }
}

}  // namespace

template <class T>
SplitStepKernels<T> split_step_kernels() {
  return {rows<T>, columns<T>};
}
template SplitStepKernels<float> split_step_kernels<float>();
template SplitStepKernels<double> split_step_kernels<double>();

}  // namespace atheria::cpu::ATHERIA_ISA
