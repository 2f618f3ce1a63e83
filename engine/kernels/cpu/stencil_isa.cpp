#include "engine/kernels/cpu/ginzburg_landau.h"
#include "engine/kernels/cpu/gray_scott.h"
#include "engine/kernels/cpu/stencil_loops.h"
#include "engine/kernels/cpu/wave.h"

// The cells of each law, and the tables of one instruction set. Sums and products are in the order
// of the laws' references, and none is fused.
namespace atheria::cpu::ATHERIA_ISA {
namespace {

template <class T>
struct GrayScottCells {
  using V = Vec<T>;
  V feed, drain, spread_u, spread_v, dt;

  explicit GrayScottCells(const GrayScott<T>& law)
      : feed(V::all(law.feed)),
        drain(V::all(law.kill_and_feed)),
        spread_u(V::all(law.diffusion_u)),
        spread_v(V::all(law.diffusion_v)),
        dt(V::all(law.dt)) {}

  template <int>
  ATHERIA_VEC_INLINE void step(const V (&here)[2], const V (&lap)[2], const V (&)[2],
                               V (&next)[2]) const {
    const V reaction = here[0] * here[1] * here[1];
    const V change_u = spread_u * lap[0] - reaction + feed * (V::all(1) - here[0]);
    const V change_v = spread_v * lap[1] + reaction - drain * here[1];
    next[0] = here[0] + dt * change_u;
    next[1] = here[1] + dt * change_v;
  }
};

template <class T>
struct WaveCells {
  using V = Vec<T>;
  V keep, push, dt;

  explicit WaveCells(const Wave<T>& law)
      : keep(V::all(law.keep)), push(V::all(law.push)), dt(V::all(law.dt)) {}

  template <int>
  ATHERIA_VEC_INLINE void step(const V (&here)[2], const V (&lap)[2], const V (&)[2],
                               V (&next)[2]) const {
    next[1] = keep * here[1] + push * lap[0];
    next[0] = here[0] + dt * next[1];
  }
};

template <class T>
struct LandauCells {
  using V = Vec<T>;
  V b, c, dt, per_area;

  explicit LandauCells(const GinzburgLandau<T>& law)
      : b(V::all(law.b)), c(V::all(law.c)), dt(V::all(law.dt)), per_area(V::all(law.per_area)) {}

  template <int kStage>
  ATHERIA_VEC_INLINE void step(const V (&here)[2], const V (&lap)[2], const V (&old)[2],
                               V (&next)[2]) const {
    const V re = here[0], im = here[1];
    const V lap_re = per_area * lap[0], lap_im = per_area * lap[1];
    const V density = re * re + im * im;
    const V change_re = re + (lap_re - b * lap_im) - (re - c * im) * density;
    const V change_im = im + (lap_im + b * lap_re) - (im + c * re) * density;
    next[0] = re + dt * change_re;
    next[1] = im + dt * change_im;
    if constexpr (kStage > 0)
      for (int i = 0; i < 2; ++i) next[i] = V::all(T(0.5)) * (old[i] + next[i]);
  }
};

}  // namespace

extern const StencilKernels<GrayScott<float>> gray_scott_f32;
extern const StencilKernels<GrayScott<double>> gray_scott_f64;
extern const StencilKernels<Wave<float>> wave_f32;
extern const StencilKernels<Wave<double>> wave_f64;
extern const StencilKernels<GinzburgLandau<float>> landau_f32;
extern const StencilKernels<GinzburgLandau<double>> landau_f64;
const StencilKernels<GrayScott<float>> gray_scott_f32 =
    Loops<GrayScott<float>, GrayScottCells<float>>::kTable;
const StencilKernels<GrayScott<double>> gray_scott_f64 =
    Loops<GrayScott<double>, GrayScottCells<double>>::kTable;
const StencilKernels<Wave<float>> wave_f32 = Loops<Wave<float>, WaveCells<float>>::kTable;
const StencilKernels<Wave<double>> wave_f64 = Loops<Wave<double>, WaveCells<double>>::kTable;
const StencilKernels<GinzburgLandau<float>> landau_f32 =
    Loops<GinzburgLandau<float>, LandauCells<float>>::kTable;
const StencilKernels<GinzburgLandau<double>> landau_f64 =
    Loops<GinzburgLandau<double>, LandauCells<double>>::kTable;

}  // namespace atheria::cpu::ATHERIA_ISA
