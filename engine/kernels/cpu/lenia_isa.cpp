#include "engine/kernels/cpu/fft_rows.h"
#include "engine/kernels/cpu/lenia_data.h"
#include "engine/kernels/cpu/lenia_growth.h"
#include "engine/kernels/cpu/lenia_mirrors.h"

// Compiled once for each instruction set (cmake/isa.cmake).
namespace atheria::cpu::ATHERIA_ISA {
namespace {

template <class T>
FftLine<T> line_of(const Lenia<T>& world, T* strip) {
  return {strip, kFftVector, world.leap};
}

// Cells of a strip to the waves of the channel's last kernel.
template <class T>
void forward_columns(const Lenia<T>& world, const LeniaChannel<T>& channel, std::int64_t strip) {
  if (channel.count == 0) return;
  const T* const cells = channel.cells + strip;
  T* const modes = channel.kernels[channel.count - 1].modes + strip;
  for_each_number(world, [&](std::int64_t at) { Lanes<T>::load(cells + at).store(modes + at); });
  forward<kFftVector>(world.columns, line_of(world, modes));
  split_mirrors(world, modes);
}

template <class T>
void begin(const Lenia<T>& world, std::int64_t first, std::int64_t past) {
  for (auto x = first * kFftLanes; x < past * kFftLanes; x += kFftLanes)
    for (int c = 0; c < world.channel_count; ++c) {
      const auto& channel = world.channels[c];
      const T* const plane = world.field + c * world.height * world.width + x;
      const auto strip = x / kFftLanes * world.strip;
      for_each_rows(world, [&](std::int64_t y, std::int64_t at) {
        for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
          T* const cells = channel.cells + strip + at + lane;
          Lanes<T>::load(plane + y * world.width + lane).store(cells);
          Lanes<T>::load(plane + (y + 1) * world.width + lane).store(cells + kFftLanes);
        }
      });
      forward_columns(world, channel, strip);
    }
}

// The rows of waves from `row` on, as kernel's strips have them.
template <class T>
RowLines<T> rows_of(const Lenia<T>& world, const LeniaKernel<T>& kernel, std::int64_t row) {
  return {{kernel.modes + vector_at(world, row), world.strip, world.rows.axis.leaf * world.strip},
          kFftVector};
}

template <class T>
auto by_factors(const T* factors) {
  return [factors](int k, int lane, Number<T> z) {
    const auto factor = Lanes<T>::load(factors + k * kFftLanes + lane);
    return Number<T>{z.re * factor, z.im * factor};
  };
}

// Every kernel of a channel on a group of its waves, which lie where its last kernel's will.
template <class T>
void convolve_group(const Lenia<T>& world, const LeniaChannel<T>& channel, std::int64_t row,
                    std::int64_t group, std::int64_t factors) {
  Group<T> numbers, modes;
  T* const buffer = numbers.numbers;
  const auto& last = channel.kernels[channel.count - 1];
  take_group(world.rows, rows_of(world, last, row), group, buffer);
  if (channel.count == 1) {
    lanes_there_and_back(buffer, by_factors(last.factors + factors));
    return put_group(world.rows, rows_of(world, last, row), group, buffer);
  }
  lanes_forward(buffer, modes.numbers);
  for (int i = 0; i < channel.count; ++i) {
    const auto& kernel = channel.kernels[i];
    lanes_inverse(modes.numbers, buffer, by_factors(kernel.factors + factors));
    put_group(world.rows, rows_of(world, kernel, row), group, buffer);
  }
}

template <class T>
void rows(const Lenia<T>& world, std::int64_t first, std::int64_t past) {
  constexpr int kFactors = 16 * kFftLanes;  // of a group
  const auto groups = groups_of(world.rows);
  for (auto batch = first; batch < past; ++batch)
    for (int c = 0; c < world.channel_count; ++c) {
      const auto& channel = world.channels[c];
      if (channel.count == 0) continue;
      const auto row = batch * world.rows.rows;
      const auto lines = rows_of(world, channel.kernels[channel.count - 1], row);
      for (int i = 0; i < channel.count; ++i)
        prefetch_rows(world.rows, rows_of(world, channel.kernels[i], row));
      rows_forward(world.rows, lines);
      for (std::int64_t group = 0; group < groups; ++group)
        convolve_group(world, channel, row, group, (batch * groups + group) * kFactors);
      for (int i = 0; i < channel.count; ++i)
        rows_inverse(world.rows, rows_of(world, channel.kernels[i], row));
    }
}

// What a strip of one kernel sees, in place of the waves of the world's first kernel: one strip's
// memory for all kernels.
template <class T>
const T* seen(const Lenia<T>& world, const LeniaKernel<T>& kernel, std::int64_t strip) {
  T* const there = world.work + strip;
  join_mirrors(world, kernel.modes + strip, there);
  inverse<kFftVector>(world.columns, line_of(world, there));
  return there;
}

// a + dt growth, growth 2 bump - 1, clipped.
template <bool Gaussian, class T>
void grow_alone(const Lenia<T>& world, const LeniaChannel<T>& channel, std::int64_t strip) {
  const auto& kernel = channel.kernels[0];
  const T* const u = seen(world, kernel, strip);
  const auto dt = Lanes<T>::all(world.dt * kernel.weight), twice = dt + dt;
  for_each_number(world, [&](std::int64_t at) {
    T* const cell = channel.cells + strip + at;
    const auto b = bump<Gaussian>(Lanes<T>::load(u + at), kernel.mu, kernel.sharpness);
    clipped(mul_add(twice, b, Lanes<T>::load(cell) - dt)).store(cell);
  });
}

template <bool Gaussian, class T>
void add_growth(const Lenia<T>& world, const LeniaKernel<T>& kernel, std::int64_t strip) {
  const T* const u = seen(world, kernel, strip);
  T* const totals = world.channels[kernel.to].totals + strip;
  const auto weight = Lanes<T>::all(kernel.weight), twice = weight + weight;
  for_each_number(world, [&](std::int64_t at) {
    const auto b = bump<Gaussian>(Lanes<T>::load(u + at), kernel.mu, kernel.sharpness);
    mul_add(twice, b, Lanes<T>::load(totals + at) - weight).store(totals + at);
  });
}

template <bool Gaussian, class T>
void grow(const Lenia<T>& world, std::int64_t strip) {
  if (world.channels[0].totals == nullptr)
    return grow_alone<Gaussian>(world, world.channels[0], strip);
  const auto dt = Lanes<T>::all(world.dt), none = Lanes<T>::all(T(0));
  for (int c = 0; c < world.channel_count; ++c) {
    T* const totals = world.channels[c].totals + strip;
    for_each_number(world, [&](std::int64_t at) { none.store(totals + at); });
  }
  for (int c = 0; c < world.channel_count; ++c)
    for (int i = 0; i < world.channels[c].count; ++i)
      add_growth<Gaussian>(world, world.channels[c].kernels[i], strip);
  for (int c = 0; c < world.channel_count; ++c) {
    const T* const totals = world.channels[c].totals + strip;
    T* const cells = world.channels[c].cells + strip;
    for_each_number(world, [&](std::int64_t at) {
      clipped(mul_add(dt, Lanes<T>::load(totals + at), Lanes<T>::load(cells + at)))
          .store(cells + at);
    });
  }
}

template <class T>
void put_strip(const Lenia<T>& world, int c, std::int64_t strip, std::int64_t x) {
  const T* const cells = world.channels[c].cells + strip;
  T* const plane = world.field + c * world.height * world.width + x;
  for_each_rows(world, [&](std::int64_t y, std::int64_t at) {
    for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
      Lanes<T>::load(cells + at + lane).store(plane + y * world.width + lane);
      Lanes<T>::load(cells + at + kFftLanes + lane).store(plane + (y + 1) * world.width + lane);
    }
  });
}

template <class T>
void columns(const Lenia<T>& world, bool last, std::int64_t first, std::int64_t past) {
  for (auto x = first * kFftLanes; x < past * kFftLanes; x += kFftLanes) {
    const auto strip = x / kFftLanes * world.strip;
    if (world.gaussian)
      grow<true>(world, strip);
    else
      grow<false>(world, strip);
    for (int c = 0; c < world.channel_count; ++c) {
      if (last)
        put_strip(world, c, strip, x);
      else
        forward_columns(world, world.channels[c], strip);
    }
  }
}

}  // namespace

template <class T>
LeniaKernels<T> lenia_kernels() {
  return {begin<T>, rows<T>, columns<T>};
}
template LeniaKernels<float> lenia_kernels<float>();
template LeniaKernels<double> lenia_kernels<double>();

}  // namespace atheria::cpu::ATHERIA_ISA
