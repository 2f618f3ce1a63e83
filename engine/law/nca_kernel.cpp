#include "engine/law/nca_kernel.h"

#include <cstring>

#include "engine/law/vector_clones.h"

namespace atheria::nca {
namespace {

// One number for each lane, in registers: as wide as the machine has, or several of them.
#if defined(__GNUC__)
template <class Real>
struct WideOf {
  typedef Real type __attribute__((vector_size(kLanes * sizeof(Real)), aligned(alignof(Real))));
};
#else
template <class Real>
struct WideOf {
  struct type {
    Real lane[kLanes];
    type& operator+=(const type& other) {
      for (int i = 0; i < kLanes; ++i) lane[i] += other.lane[i];
      return *this;
    }
    friend type operator*(Real factor, type of) {
      for (auto& value : of.lane) value *= factor;
      return of;
    }
  };
};
#endif
template <class Real>
using Wide = typename WideOf<Real>::type;

template <class Real>
ATHERIA_INLINE Wide<Real> load(const Lanes<Real>& lanes) {
  Wide<Real> wide;
  std::memcpy(&wide, lanes, sizeof wide);
  return wide;
}

template <class Real>
ATHERIA_INLINE Wide<Real> all(Real value) {
  Lanes<Real> lanes;
  for (auto& lane : lanes) lane = value;
  return load<Real>(lanes);
}

// Negative numbers to zero; NaN stays NaN.
template <class Real>
ATHERIA_INLINE Wide<Real> relu(const Wide<Real>& value) {
  Lanes<Real> lanes;
  std::memcpy(lanes, &value, sizeof lanes);
  for (auto& lane : lanes) lane = lane < 0 ? Real{0} : lane;
  return load<Real>(lanes);
}

template <class Real>
ATHERIA_INLINE void run(const Net<Real>& net, const Lanes<Real>* seen, Lanes<Real>* dx) {
  constexpr int kGroup = Net<Real>::kGroup;
  Wide<Real> sum[kChannels];
  for (int c = 0; c < kChannels; ++c) sum[c] = all(net.b2[static_cast<std::size_t>(c)]);
  const Real* w1 = net.w1.data();
  const Real* w2 = net.w2.data();
  const Real* b1 = net.b1.data();
  for (std::int64_t group = 0; group < net.groups; ++group, b1 += kGroup) {
    Wide<Real> hidden[kGroup];
    for (int j = 0; j < kGroup; ++j) hidden[j] = all(b1[j]);
    for (int k = 0; k < kSeen; ++k, w1 += kGroup) {
      const auto input = load<Real>(seen[k]);
      for (int j = 0; j < kGroup; ++j) hidden[j] += w1[j] * input;
    }
    for (int j = 0; j < kGroup; ++j) hidden[j] = relu<Real>(hidden[j]);
    for (int c = 0; c < kChannels; ++c, w2 += kGroup) {
      for (int j = 0; j < kGroup; ++j) sum[c] += w2[j] * hidden[j];
    }
  }
  std::memcpy(dx, sum, sizeof sum);
}

}  // namespace

template <class Real>
Net<Real>::Net(std::int64_t hidden, const double* w1_rows, const double* b1_row,
               const double* w2_rows, const double* b2_row)
    : groups((hidden + kGroup - 1) / kGroup),
      w1(static_cast<std::size_t>(groups * kSeen * kGroup)),
      b1(static_cast<std::size_t>(groups * kGroup)),
      w2(static_cast<std::size_t>(groups * kChannels * kGroup)),
      b2(b2_row, b2_row + kChannels) {
  for (std::int64_t h = 0; h < hidden; ++h) {
    const auto group = h / kGroup, lane = h % kGroup;
    const auto at = [&](std::int64_t rows, std::int64_t row) {
      return static_cast<std::size_t>((group * rows + row) * kGroup + lane);
    };
    b1[at(1, 0)] = static_cast<Real>(b1_row[h]);
    for (int k = 0; k < kSeen; ++k) w1[at(kSeen, k)] = static_cast<Real>(w1_rows[h * kSeen + k]);
    for (int c = 0; c < kChannels; ++c) {
      w2[at(kChannels, c)] = static_cast<Real>(w2_rows[c * hidden + h]);
    }
  }
}

template struct Net<float>;
template struct Net<double>;

ATHERIA_VECTOR_CLONES
void network(const Net<float>& net, const Lanes<float>* seen, Lanes<float>* dx) {
  run(net, seen, dx);
}

ATHERIA_VECTOR_CLONES
void network(const Net<double>& net, const Lanes<double>* seen, Lanes<double>* dx) {
  run(net, seen, dx);
}

template <class Value>
void any_near(const Value* up, const Value* middle, const Value* down, Value limit,
              std::int64_t width, std::uint8_t* column, std::uint8_t* out) {
  for (std::int64_t x = 0; x < width; ++x) {
    column[x] =
        static_cast<std::uint8_t>((up[x] > limit) | (middle[x] > limit) | (down[x] > limit));
  }
  const auto last = width - 1;
  for (std::int64_t x = 1; x < last; ++x) {
    out[x] = static_cast<std::uint8_t>(column[x - 1] | column[x] | column[x + 1]);
  }
  out[0] = static_cast<std::uint8_t>(column[last] | column[0] | column[width > 1 ? 1 : 0]);
  out[last] = static_cast<std::uint8_t>(column[last > 0 ? last - 1 : 0] | column[last] | column[0]);
}

template void any_near(const float*, const float*, const float*, float, std::int64_t, std::uint8_t*,
                       std::uint8_t*);
template void any_near(const double*, const double*, const double*, double, std::int64_t,
                       std::uint8_t*, std::uint8_t*);
template void any_near(const std::uint8_t*, const std::uint8_t*, const std::uint8_t*, std::uint8_t,
                       std::int64_t, std::uint8_t*, std::uint8_t*);

}  // namespace atheria::nca
