#include "engine/kernels/cpu/ginzburg_landau.h"

namespace atheria::cpu {
namespace {

template <class T>
struct Pair {
  T re, im;
};

// x + dt f(x) of one cell, f the right-hand side.
template <bool kDeep, class T>
ATHERIA_INLINE Pair<T> euler(const GinzburgLandau<T>& law, const Rows<T>& re, const Rows<T>& im,
                             std::int64_t left, std::int64_t x, std::int64_t right) {
  const T a = re.here[x];
  const T b = im.here[x];
  const T lap_re = law.per_area * laplacian<kDeep>(re, left, x, right);
  const T lap_im = law.per_area * laplacian<kDeep>(im, left, x, right);
  const T density = a * a + b * b;
  const T change_re = a + (lap_re - law.b * lap_im) - (a - law.c * b) * density;
  const T change_im = b + (lap_im + law.b * lap_re) - (b + law.c * a) * density;
  return {a + law.dt * change_re, b + law.dt * change_im};
}

// What a row function needs: the rows read, and the two rows written.
template <class T>
struct Work {
  Rows<T> re, im;
  T* out_re;
  T* out_im;
};

template <bool kDeep, class T>
ATHERIA_INLINE void predict(const GinzburgLandau<T> law, const Work<T>& work) {
  T* ATHERIA_RESTRICT out_re = work.out_re;
  T* ATHERIA_RESTRICT out_im = work.out_im;
  const auto re = work.re, im = work.im;
  along(law.shape.width, [=](std::int64_t left, std::int64_t x, std::int64_t right) {
    const auto next = euler<kDeep>(law, re, im, left, x, right);
    out_re[x] = next.re;
    out_im[x] = next.im;
  });
}

template <bool kDeep, class T>
ATHERIA_INLINE void correct(const GinzburgLandau<T> law, const Work<T>& work) {
  T* ATHERIA_RESTRICT out_re = work.out_re;
  T* ATHERIA_RESTRICT out_im = work.out_im;
  const auto re = work.re, im = work.im;
  along(law.shape.width, [=](std::int64_t left, std::int64_t x, std::int64_t right) {
    const auto next = euler<kDeep>(law, re, im, left, x, right);
    out_re[x] = T(0.5) * (out_re[x] + next.re);
    out_im[x] = T(0.5) * (out_im[x] + next.im);
  });
}

template <class T>
ATHERIA_INLINE void any_row(const GinzburgLandau<T>& law, const Work<T>& work, int index) {
  const bool deep = law.shape.depth > 1;
  if (index == 0)
    deep ? predict<true>(law, work) : predict<false>(law, work);
  else
    deep ? correct<true>(law, work) : correct<false>(law, work);
}

ATHERIA_VECTOR_CLONES void row(const GinzburgLandau<float>& law, const Work<float>& work,
                               int index) {
  any_row(law, work, index);
}
ATHERIA_VECTOR_CLONES void row(const GinzburgLandau<double>& law, const Work<double>& work,
                               int index) {
  any_row(law, work, index);
}

}  // namespace

template <class T>
void GinzburgLandau<T>::pass(int index, T* predicted, T* field, std::int64_t begin,
                             std::int64_t end) const {
  const auto plane = shape.cells();
  const T* from = index == 0 ? field : predicted;
  T* to = index == 0 ? predicted : field;
  for (auto line = begin; line < end; ++line) {
    T* const out = to + line * shape.width;
    row(*this, {rows_at(from, shape, line), rows_at(from + plane, shape, line), out, out + plane},
        index);
  }
}

template struct GinzburgLandau<float>;
template struct GinzburgLandau<double>;

}  // namespace atheria::cpu
