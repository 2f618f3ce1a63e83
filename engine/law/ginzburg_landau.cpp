#include "engine/law/ginzburg_landau.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <complex>
#include <numbers>

#include "engine/base/error.h"
#include "engine/law/stencil.h"
#include "engine/law/stencil_stepper.h"

namespace atheria {
namespace {

LawInfo describe() {
  LawInfo info;
  info.name = "ginzburg-landau";
  info.title = "Complex Ginzburg-Landau";
  info.about =
      "A field of coupled oscillators. Noise grows into spirals, which freeze, drift, or break up "
      "into turbulence.";
  info.equation = "A_t = A + (1 + i b) lap A / dx^2 - (1 + i c) |A|^2 A";
  info.reference = "I. S. Aranson, L. Kramer, Rev. Mod. Phys. 74 (2002) 99";
  info.channels = {{.name = "re", .lo = -1, .hi = 1, .background = 0, .ink = 1},
                   {.name = "im", .lo = -1, .hi = 1, .background = 0, .ink = 0}};
  info.radius = 2;
  info.complex = true;
  info.absorbing_zero = true;
  info.dimensions = {2, 3};
  info.measures = {
      {.name = "intensity", .about = "mean of |A|^2; 1 when all oscillate together"},
      {.name = "defects", .about = "points (in 3-D: of all layers) around which the phase winds"}};
  info.params = {
      {.name = "b", .title = "Linear dispersion", .value = 0.0, .lo = -4, .hi = 4, .step = 0.05},
      {.name = "c", .title = "Nonlinear dispersion", .value = 1.5, .lo = -4, .hi = 4, .step = 0.05},
      {.name = "dx",
       .title = "Side of a cell",
       .value = 1.0,
       .lo = 0.5,
       .hi = 2,
       .step = 0.05,
       .unit = "length"},
      {.name = "dt",
       .title = "Time step",
       .value = 0.1,
       .lo = 0.005,
       .hi = 0.2,
       .step = 0.005,
       .unit = "time"}};
  const std::string noise = "noise:lo=-0.1,hi=0.1";
  info.presets = {
      {"spirals", "Spiral waves", {{"b", 0.0}, {"c", 1.5}}, noise},
      {"frozen", "Frozen spirals", {{"b", 0.0}, {"c", 0.6}}, noise},
      {"turbulence", "Spiral turbulence", {{"b", 2.0}, {"c", -0.75}, {"dt", 0.05}}, noise},
      {"defects", "Defect chaos", {{"b", 2.0}, {"c", -1.5}, {"dt", 0.05}}, noise},
      {"coarsening", "Vortices that meet and vanish", {{"b", 0.0}, {"c", 0.0}}, noise}};
  info.init = noise;
  info.view = "phase";
  info.colormap = "phase";
  return info;
}

struct Numbers {
  double b, c, dt, per_area;
};

// The largest growth of a small ripple by diffusion alone in one step; waves of the amplitude
// itself grow on purpose.
double growth(double b, double dt, double sharpest) {
  double largest = 0;
  for (int i = 0; i <= 256; ++i) {
    const std::complex<double> z = -dt * sharpest * i / 256 * std::complex<double>(1, b);
    largest = std::max(largest, std::abs(1.0 + z + z * z / 2.0));
  }
  return largest;
}

Numbers numbers_of(const Setup& setup) {
  const auto& params = setup.params;
  const double dx = params.number("dx");
  const Numbers numbers{params.number("b"), params.number("c"), params.number("dt"), 1 / (dx * dx)};
  const double sharpest = 2 * neighbours(setup.grid) * numbers.per_area;
  double fits = numbers.dt;
  while (growth(numbers.b, fits, sharpest) > 1 + 1e-9) fits *= 0.9;
  if (fits < numbers.dt)
    throw Error(ErrorKind::bad_args,
                fmt::format("parameter dt = {} is unstable with b = {}, dx = {}; {:.3g} would do",
                            numbers.dt, numbers.b, dx, fits),
                "params.dt");
  return numbers;
}

// P = A + dt f(A), for planes (re, im).
at::Tensor euler(const at::Tensor& psi, const Numbers& n) {
  const auto re = psi[0];
  const auto im = psi[1];
  const auto lap = n.per_area * laplacian(psi);
  const auto density = re * re + im * im;
  const auto change_re = re + (lap[0] - n.b * lap[1]) - (re - n.c * im) * density;
  const auto change_im = im + (lap[1] + n.b * lap[0]) - (im + n.c * re) * density;
  return at::stack({re + n.dt * change_re, im + n.dt * change_im});
}

// Faces of the lattice (in each layer) whose four corners the phase goes round by 2 pi or more.
double defects(const at::Tensor& dense) {
  const auto phase = at::atan2(dense[1], dense[0]).to(at::kDouble);
  const auto wrap = [](const at::Tensor& angle) {
    return angle - 2 * std::numbers::pi * at::round(angle / (2 * std::numbers::pi));
  };
  const auto along_x = wrap(at::roll(phase, -1, -1) - phase);
  const auto along_y = wrap(at::roll(phase, -1, -2) - phase);
  const auto winding = along_x + at::roll(along_y, -1, -1) - at::roll(along_x, -1, -2) - along_y;
  return winding.abs().gt(std::numbers::pi).sum().item<double>();
}

class GinzburgLandau final : public Law {
 public:
  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    return [n = numbers_of(setup)](const at::Tensor& psi, std::uint64_t) {
      return 0.5 * (psi + euler(euler(psi, n), n));
    };
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    const auto n = numbers_of(setup);
    return stencil_stepper(setup, [&](auto zero) {
      using T = decltype(zero);
      return cpu::GinzburgLandau<T>{static_cast<T>(n.b), static_cast<T>(n.c), static_cast<T>(n.dt),
                                    static_cast<T>(n.per_area)};
    });
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup&) const override {
    const auto density = dense.to(at::kDouble).square().sum(0);
    return {density.mean().item<double>(), defects(dense)};
  }

 private:
  LawInfo info_ = describe();
};

}  // namespace

std::unique_ptr<Law> make_ginzburg_landau() { return std::make_unique<GinzburgLandau>(); }

}  // namespace atheria
