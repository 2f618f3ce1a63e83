#include "engine/kernels/cpu/wave.h"

namespace atheria::cpu {
namespace {

template <bool kDeep, class T>
ATHERIA_INLINE void kick_row(const Wave<T>& law, const Rows<T>& u, T* ATHERIA_RESTRICT w) {
  const T keep = law.keep, push = law.push;
  along(law.shape.width, [=](std::int64_t left, std::int64_t x, std::int64_t right) {
    w[x] = keep * w[x] + push * laplacian<kDeep>(u, left, x, right);
  });
}

ATHERIA_VECTOR_CLONES void kick_flat(const Wave<float>& law, const Rows<float>& u, float* w) {
  kick_row<false>(law, u, w);
}
ATHERIA_VECTOR_CLONES void kick_flat(const Wave<double>& law, const Rows<double>& u, double* w) {
  kick_row<false>(law, u, w);
}
ATHERIA_VECTOR_CLONES void kick_deep(const Wave<float>& law, const Rows<float>& u, float* w) {
  kick_row<true>(law, u, w);
}
ATHERIA_VECTOR_CLONES void kick_deep(const Wave<double>& law, const Rows<double>& u, double* w) {
  kick_row<true>(law, u, w);
}

template <class T>
void drift(T* ATHERIA_RESTRICT u, const T* ATHERIA_RESTRICT w, std::int64_t cells, T dt) {
  for (std::int64_t i = 0; i < cells; ++i) u[i] = u[i] + dt * w[i];
}

}  // namespace

template <class T>
void Wave<T>::pass(int index, const T*, T* field, std::int64_t begin, std::int64_t end) const {
  T* const u = field;
  T* const w = field + shape.cells();
  if (index == 1)
    return drift(u + begin * shape.width, w + begin * shape.width, (end - begin) * shape.width, dt);
  for (auto row = begin; row < end; ++row) {
    const auto around = rows_at<T>(u, shape, row);
    if (shape.depth > 1)
      kick_deep(*this, around, w + row * shape.width);
    else
      kick_flat(*this, around, w + row * shape.width);
  }
}

template struct Wave<float>;
template struct Wave<double>;

}  // namespace atheria::cpu
