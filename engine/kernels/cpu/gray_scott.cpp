#include "engine/kernels/cpu/gray_scott.h"

namespace atheria::cpu {
namespace {

template <bool kDeep, class T>
ATHERIA_INLINE void row(const GrayScott<T>& law, const Rows<T>& u, const Rows<T>& v,
                        T* ATHERIA_RESTRICT next_u, T* ATHERIA_RESTRICT next_v) {
  const T feed = law.feed, drain = law.kill_and_feed, dt = law.dt;
  const T spread_u = law.diffusion_u, spread_v = law.diffusion_v;
  along(law.shape.width, [=](std::int64_t left, std::int64_t x, std::int64_t right) {
    const T a = u.here[x];
    const T b = v.here[x];
    const T reaction = a * b * b;
    const T change_u =
        spread_u * laplacian<kDeep>(u, left, x, right) - reaction + feed * (T(1) - a);
    const T change_v = spread_v * laplacian<kDeep>(v, left, x, right) + reaction - drain * b;
    next_u[x] = a + dt * change_u;
    next_v[x] = b + dt * change_v;
  });
}

ATHERIA_VECTOR_CLONES void flat(const GrayScott<float>& law, const Rows<float>& u,
                                const Rows<float>& v, float* next_u, float* next_v) {
  row<false>(law, u, v, next_u, next_v);
}
ATHERIA_VECTOR_CLONES void flat(const GrayScott<double>& law, const Rows<double>& u,
                                const Rows<double>& v, double* next_u, double* next_v) {
  row<false>(law, u, v, next_u, next_v);
}
ATHERIA_VECTOR_CLONES void deep(const GrayScott<float>& law, const Rows<float>& u,
                                const Rows<float>& v, float* next_u, float* next_v) {
  row<true>(law, u, v, next_u, next_v);
}
ATHERIA_VECTOR_CLONES void deep(const GrayScott<double>& law, const Rows<double>& u,
                                const Rows<double>& v, double* next_u, double* next_v) {
  row<true>(law, u, v, next_u, next_v);
}

}  // namespace

template <class T>
void GrayScott<T>::pass(int, const T* from, T* to, std::int64_t begin, std::int64_t end) const {
  const auto plane = shape.cells();
  for (auto index = begin; index < end; ++index) {
    const auto u = rows_at(from, shape, index);
    const auto v = rows_at(from + plane, shape, index);
    T* const next = to + index * shape.width;
    if (shape.depth > 1)
      deep(*this, u, v, next, next + plane);
    else
      flat(*this, u, v, next, next + plane);
  }
}

template struct GrayScott<float>;
template struct GrayScott<double>;

}  // namespace atheria::cpu
