#include "engine/view/cells.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace atheria {

namespace {

// A row of bits read as numbers 0 and 1.
struct BitRow {
  const std::uint64_t* words;
  float operator[](std::int64_t x) const {
    return static_cast<float>(words[x >> 6] >> (x & 63) & 1);
  }
};

template <typename T>
T clamp_unit(T value) {
  return value < 0 ? T(0) : value > 1 ? T(1) : value;
}

// Zero for a finite number, NaN for the others.
template <typename T>
T poison(T value) {
  return value - value;
}

// arctan on [0, 1] to 2e-8 (Hastings; Abramowitz and Stegun 4.4.49).
template <typename T>
T small_arctan(T q) {
  const T s = q * q;
  T sum = T(0.0028662257);
  for (const double factor : {-0.0161657367, 0.0429096138, -0.0752896400, 0.1065626393,
                              -0.1420889944, 0.1999355085, -0.3333314528}) {
    sum = sum * s + T(factor);
  }
  return q + q * (sum * s);
}

// Straight through, with choices in place of branches: it has to become vectors.
template <typename T>
inline T argument(T re, T im) {
  im += T(0);  // -0 would turn pi into -pi
  const T across = std::abs(re);
  const T up = std::abs(im);
  const T large = across > up ? across : up;
  const T small = across > up ? up : across;
  const T ratio = small / (large > 0 ? large : T(1));
  const T octant = small_arctan(ratio);
  const T quadrant = up > across ? T(1.57079632679489662) - octant : octant;
  const T half = re < 0 ? T(3.14159265358979324) - quadrant : quadrant;
  return (im < 0 ? -half : half) + (poison(re) + poison(im));
}

// What a quantity needs of one row: Row is const float*, const double* or BitRow.
template <typename T, typename Row>
struct Rows {
  const CellSource& source;
  int y, layer, x, n, step;

  Row row(const Planes& planes, int channel) const {
    if constexpr (std::is_same_v<Row, BitRow>) {
      return {planes.row<std::uint64_t>(channel, y, layer)};
    } else {
      return planes.row<T>(channel, y, layer);
    }
  }

  template <typename Value>
  void each(T* out, Value value) const {
    if (step == 1) {  // its own loop, so that it becomes vectors
      for (int i = 0; i < n; ++i) out[i] = value(out[i], x + i);
    } else {
      for (int i = 0; i < n; ++i) out[i] = value(out[i], x + std::int64_t{i} * step);
    }
  }

  void channel(T* out) const {
    const Row now = row(source.now, source.channel);
    each(out, [=](T, std::int64_t at) { return now[at]; });
  }

  void density(T* out) const {
    std::fill_n(out, n, T(0));
    for (int pair = 0; pair + 1 < source.now.channels; pair += 2) {
      const Row re = row(source.now, pair);
      const Row im = row(source.now, pair + 1);
      each(out, [=](T sum, std::int64_t at) { return sum + (re[at] * re[at] + im[at] * im[at]); });
    }
  }

  void phase(T* out) const {
    const Row re = row(source.now, 0);
    const Row im = row(source.now, 1);
    if (step == 1)
      return each(out, [=](T, std::int64_t at) { return argument<T>(re[at], im[at]); });
    constexpr int kBlock =
        256;  // gathered first: arithmetic on scattered cells would not become vectors
    T across[kBlock];
    T up[kBlock];
    for (int start = 0; start < n; start += kBlock) {
      const int count = std::min(kBlock, n - start);
      for (int i = 0; i < count; ++i) {
        const std::int64_t at = x + std::int64_t{start + i} * step;
        across[i] = re[at];
        up[i] = im[at];
      }
      for (int i = 0; i < count; ++i) out[start + i] = argument(across[i], up[i]);
    }
  }

  void change(T* out) const {
    std::fill_n(out, n, T(0));
    if (source.before.data == nullptr) return;
    for (int each_channel = 0; each_channel < source.now.channels; ++each_channel) {
      const Row now = row(source.now, each_channel);
      const Row before = row(source.before, each_channel);
      each(out, [=](T sum, std::int64_t at) { return sum + std::abs(now[at] - before[at]); });
    }
  }

  void colour(T* out) const {
    const Row now = row(source.now, source.channel);
    const T lo = T(source.lo);
    const T span = T(source.hi - source.lo);
    if (source.alpha < 0) {
      each(out, [=](T, std::int64_t at) {
        const T value = (now[at] - lo) / span;
        return clamp_unit(value) + poison(value);
      });
      return;
    }
    const Row alpha = row(source.now, source.alpha);
    each(out, [=](T, std::int64_t at) {
      const T value = (now[at] - lo) / span + (T(1) - clamp_unit<T>(alpha[at]));
      return clamp_unit(value) + poison(value) + poison<T>(alpha[at]);
    });
  }

  void read(T* out) const {
    switch (source.quantity) {
      case Quantity::channel:
        return channel(out);
      case Quantity::density:
        return density(out);
      case Quantity::phase:
        return phase(out);
      case Quantity::change:
        return change(out);
      case Quantity::colour:
        return colour(out);
    }
  }
};

}  // namespace

template <typename T>
T phase_of(T re, T im) {
  return argument(re, im);
}

template <typename T>
void CellSource::read_layer(T* out, int x, int n, int step, int y, int layer) const {
  if constexpr (std::is_same_v<T, float>) {
    if (now.dtype == Dtype::bits) return Rows<T, BitRow>{*this, y, layer, x, n, step}.read(out);
  }
  Rows<T, const T*>{*this, y, layer, x, n, step}.read(out);
}

template <typename T>
void CellSource::read(T* out, int x, int n, int step, int y) const {
  if (depth == Depth::slice) return read_layer(out, x, n, step, y, z);
  read_layer(out, x, n, step, y, 0);
  constexpr int kBlock = 256;
  T other[kBlock];
  for (int layer = 1; layer < now.grid.depth; ++layer) {
    for (int start = 0; start < n; start += kBlock) {
      const int count = std::min(kBlock, n - start);
      read_layer(other, x + start * step, count, step, y, layer);
      T* const largest = out + start;
      for (int i = 0; i < count; ++i) {  // a NaN on either side stays
        const bool take = (other[i] > largest[i]) | (other[i] != other[i]);
        largest[i] = take ? other[i] : largest[i];
      }
    }
  }
}

template <typename T>
const T* CellSource::direct(int x, int y) const {
  const Dtype stored = std::is_same_v<T, double> ? Dtype::f64 : Dtype::f32;
  if (quantity != Quantity::channel || depth != Depth::slice || now.dtype != stored) return nullptr;
  return now.row<T>(channel, y, z) + x;
}

template float phase_of<float>(float, float);
template double phase_of<double>(double, double);
template void CellSource::read<float>(float*, int, int, int, int) const;
template void CellSource::read<double>(double*, int, int, int, int) const;
template const float* CellSource::direct<float>(int, int) const;
template const double* CellSource::direct<double>(int, int) const;

}  // namespace atheria
