#pragma once

#include "engine/kernels/cpu/fft_vector.h"

// Transforms along lines of vectors (fft.h), for sources compiled by atheria_isa_kernels.
namespace atheria::cpu::ATHERIA_ISA {

// Runs each(first, j) for every transform of a pass: j is its place in each of the parts.
template <class T, class Each>
ATHERIA_LANES_INLINE void for_each_place(const FftAxis<T>& axis, const FftPass<T>& pass,
                                         const FftLine<T>& line, const Each& each) {
  for (std::int64_t block = 0, j = 0; j < pass.below; ++block)
    for (std::int64_t i = 0; i < axis.leaf; ++i, ++j)
      for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth)
        each(block * line.leap + i * line.step + lane, j);
}

// A pass before the last. `to` lies as the line does, and may be the same.
template <int R, std::int64_t Stride, class T>
void forward_pass(const FftAxis<T>& axis, const FftPass<T>& pass, const FftLine<T>& line, T* to) {
  const auto stride = pass.below / axis.leaf * line.leap;
  for_each_place(axis, pass, line, [&](std::int64_t at, std::int64_t j) {
    const Strided<T, Stride> in(line.first + at, stride), out(to + at, stride);
    const T* const turns = pass.turns + 2 * R * j;
    transform<R, T>(
        [&](int n) { return load(in[n]); },
        [&](int k, Number<T> z) { store(out[k], k == 0 ? z : times(z, constant(turns + 2 * k))); });
  });
}

template <int R, std::int64_t Stride, class T>
void inverse_pass(const FftAxis<T>& axis, const FftPass<T>& pass, const FftLine<T>& line) {
  const auto stride = pass.below / axis.leaf * line.leap;
  for_each_place(axis, pass, line, [&](std::int64_t at, std::int64_t j) {
    const Strided<T, Stride> inout(line.first + at, stride);
    const T* const turns = pass.turns + 2 * R * j;
    transform<R, T>(
        [&](int k) {
          const auto z = load(inout[k]);
          return swapped(k == 0 ? z : times_conjugate(z, constant(turns + 2 * k)));
        },
        [&](int n, Number<T> z) { store(inout[n], swapped(z)); });
  });
}

// The last pass: neighbours, nothing to turn.
template <int R, std::int64_t Step, class T>
void forward_leaf(const FftLine<T>& line) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    const Strided<T, Step> inout(line.first + lane, line.step);
    transform<R, T>([&](int n) { return load(inout[n]); },
                    [&](int k, Number<T> z) { store(inout[k], z); });
  }
}

template <int R, std::int64_t Step, class T>
void inverse_leaf(const FftLine<T>& line) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    const Strided<T, Step> inout(line.first + lane, line.step);
    transform<R, T>([&](int n) { return swapped(load(inout[n])); },
                    [&](int k, Number<T> z) { store(inout[k], swapped(z)); });
  }
}

// The last pass forward, each result turned by factors[k] (see turned()), and back.
template <int R, std::int64_t Step, class T>
void leaf_there_and_back(const FftLine<T>& line, const T* factors) {
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    const Strided<T, Step> inout(line.first + lane, line.step);
    const auto change = [&](int k, Number<T> z) { return turned(z, constant(factors + 2 * k)); };
    if constexpr (R == 16) {
      there_and_back16<T>(
          [&](int n, Number<T>* x) {
            ATHERIA_UNROLL for (int i = 0; i < 4; ++i) x[i] = load(inout[n + 4 * i]);
          },
          change,
          [&](int k, const Number<T>* x) {
            ATHERIA_UNROLL for (int i = 0; i < 4; ++i) store(inout[k + 4 * i], x[i]);
          });
    } else {
      Number<T> z[R];
      ATHERIA_UNROLL for (int n = 0; n < R; ++n) z[n] = load(inout[n]);
      dft_small<R, T>(z);
      ATHERIA_UNROLL for (int k = 0; k < R; ++k) z[k] = swapped(change(k, z[k]));
      dft_small<R, T>(z);
      ATHERIA_UNROLL for (int n = 0; n < R; ++n) store(inout[n], swapped(z[n]));
    }
  }
}

// run(a constant) for the radix met at run time.
template <auto Value>
struct Constant {
  static constexpr auto value = Value;
};
template <class Run>
ATHERIA_LANES_INLINE void with_radix(std::int64_t radix, const Run& run) {
  switch (radix) {
    case 2:
      return run(Constant<2>{});
    case 3:
      return run(Constant<3>{});
    case 4:
      return run(Constant<4>{});
    case 5:
      return run(Constant<5>{});
    case 8:
      return run(Constant<8>{});
    default:
      return run(Constant<16>{});
  }
}

// The same with a stride: a constant for those of the largest transforms in padded blocks of 16
// (kFftLeap), else 0.
template <class Run>
ATHERIA_LANES_INLINE void with_stride(int radix, std::int64_t stride, const Run& run) {
  if (radix != 16) return with_radix(radix, [&](auto r) { run(r, Constant<std::int64_t{0}>{}); });
  switch (stride) {
    case kFftLeap:
      return run(Constant<16>{}, Constant<std::int64_t{kFftLeap}>{});
    case 2 * kFftLeap:
      return run(Constant<16>{}, Constant<std::int64_t{2 * kFftLeap}>{});
    case 4 * kFftLeap:
      return run(Constant<16>{}, Constant<std::int64_t{4 * kFftLeap}>{});
    case 8 * kFftLeap:
      return run(Constant<16>{}, Constant<std::int64_t{8 * kFftLeap}>{});
    default:
      return run(Constant<16>{}, Constant<std::int64_t{0}>{});
  }
}

// A part of a line with the passes from `level` on still to do.
template <class T>
struct FftPart {
  FftLine<T> line;
  int level;
  std::int64_t position;  // of its first place
};

// All passes before the last, forward; leaf(part) for every block; and the same passes back. A part
// is done before the next is begun, so that it stays in the cache.
enum class Ways { forward, inverse, both };

template <Ways W, class T, class Leaf>
void passes(const FftAxis<T>& axis, const FftPart<T>& part, const Leaf& leaf) {
  if (part.level + 1 == axis.count) return leaf(part);
  const auto& pass = axis.passes[part.level];
  const auto& line = part.line;
  const auto stride = pass.below / axis.leaf * line.leap;
  if constexpr (W != Ways::inverse)
    with_stride(pass.radix, stride, [&](auto r, auto apart) {
      forward_pass<r.value, apart.value>(axis, pass, line, line.first);
    });
  for (int k = 0; k < pass.radix; ++k)
    passes<W>(axis,
              FftPart<T>{{line.first + k * stride, line.step, line.leap},
                         part.level + 1,
                         part.position + k * pass.below},
              leaf);
  if constexpr (W != Ways::forward)
    with_stride(pass.radix, stride,
                [&](auto r, auto apart) { inverse_pass<r.value, apart.value>(axis, pass, line); });
}

template <std::int64_t Step, class T>
void forward(const FftAxis<T>& axis, const FftLine<T>& line) {
  passes<Ways::forward>(axis, FftPart<T>{line, 0, 0}, [&](const FftPart<T>& part) {
    with_radix(axis.leaf, [&](auto r) { forward_leaf<r.value, Step>(part.line); });
  });
}

template <std::int64_t Step, class T>
void inverse(const FftAxis<T>& axis, const FftLine<T>& line) {
  passes<Ways::inverse>(axis, FftPart<T>{line, 0, 0}, [&](const FftPart<T>& part) {
    with_radix(axis.leaf, [&](auto r) { inverse_leaf<r.value, Step>(part.line); });
  });
}

// Transform, each position turned by its factor, inverse (times length).
template <std::int64_t Step, class T>
void there_and_back(const FftAxis<T>& axis, const FftLine<T>& line, const T* factors) {
  passes<Ways::both>(axis, FftPart<T>{line, 0, 0}, [&](const FftPart<T>& part) {
    with_radix(axis.leaf, [&](auto r) {
      leaf_there_and_back<r.value, Step>(part.line, factors + 2 * part.position);
    });
  });
}

}  // namespace atheria::cpu::ATHERIA_ISA
