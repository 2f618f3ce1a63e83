#include "engine/law/gray_scott.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "engine/base/error.h"
#include "engine/law/stencil.h"
#include "engine/law/stencil_stepper.h"

namespace atheria {
namespace {

LawInfo describe() {
  LawInfo info;
  info.name = "gray-scott";
  info.title = "Gray-Scott reaction-diffusion";
  info.about =
      "Two chemicals: u is fed, v eats it and decays. Small changes of the two rates give spots "
      "that divide, coral, "
      "worms, waves or gliders.";
  info.equation =
      "u' = u + dt (Du lap u - u v^2 + F (1 - u))\n"
      "v' = v + dt (Dv lap v + u v^2 - (F + k) v)";
  info.reference = "J. E. Pearson, Complex patterns in a simple system, Science 261 (1993) 189";
  info.channels = {{.name = "u", .lo = 0, .hi = 1, .background = 1, .ink = 0.5},
                   {.name = "v", .lo = 0, .hi = 0.4, .background = 0, .ink = 0.25}};
  info.radius = 1;
  info.absorbing_zero = true;
  info.dimensions = {2, 3};
  info.measures = {{.name = "mean_u", .about = "mean of u over all cells"},
                   {.name = "mean_v", .about = "mean of v over all cells"}};
  info.params = {{.name = "F",
                  .title = "Feed rate",
                  .value = 0.0545,
                  .lo = 0,
                  .hi = 0.12,
                  .step = 0.0001,
                  .unit = "1/time",
                  .about = "how fast u is brought in and everything washed out"},
                 {.name = "k",
                  .title = "Kill rate",
                  .value = 0.062,
                  .lo = 0,
                  .hi = 0.08,
                  .step = 0.0001,
                  .unit = "1/time",
                  .about = "how fast v decays by itself"},
                 {.name = "Du",
                  .title = "Diffusion of u",
                  .value = 0.16,
                  .lo = 0,
                  .hi = 0.5,
                  .step = 0.005,
                  .unit = "cells^2/time"},
                 {.name = "Dv",
                  .title = "Diffusion of v",
                  .value = 0.08,
                  .lo = 0,
                  .hi = 0.5,
                  .step = 0.005,
                  .unit = "cells^2/time"},
                 {.name = "dt",
                  .title = "Time step",
                  .value = 1.0,
                  .lo = 0.05,
                  .hi = 1,
                  .step = 0.05,
                  .unit = "time",
                  .about = "Du dt may be 1/4 at most, in three dimensions 1/6"}};
  const std::string drops = "blobs:count=16,radius=6";
  info.presets = {{"coral", "Coral", {{"F", 0.0545}, {"k", 0.062}}, drops},
                  {"mitosis", "Dividing spots", {{"F", 0.0367}, {"k", 0.0649}}, drops},
                  {"waves", "Waves and spirals", {{"F", 0.014}, {"k", 0.045}}, drops},
                  {"worms", "Worms", {{"F", 0.05}, {"k", 0.065}}, drops},
                  {"spots", "Spots that fill the plane", {{"F", 0.03}, {"k", 0.062}}, drops},
                  {"chaos", "Restless spots", {{"F", 0.026}, {"k", 0.051}}, drops},
                  {"u-skate",
                   "Munafo's U-skate world",
                   {{"F", 0.062}, {"k", 0.0609}, {"Du", 0.32}, {"Dv", 0.16}, {"dt", 0.5}},
                   "blobs:count=24,radius=9"}};
  info.init = drops;
  info.view = "v";
  info.colormap = "magma";
  return info;
}

struct Rates {
  double feed, drain, diffusion_u, diffusion_v, dt;  // drain = F + k
};

Rates rates_of(const Setup& setup) {
  const auto& params = setup.params;
  const Rates rates{params.number("F"), params.number("F") + params.number("k"),
                    params.number("Du"), params.number("Dv"), params.number("dt")};
  const double limit = 1.0 / neighbours(setup.grid);
  for (const auto& [name, value] : {std::pair{"Du", rates.diffusion_u}, {"Dv", rates.diffusion_v}})
    if (value * rates.dt > limit)
      throw Error(
          ErrorKind::bad_args,
          fmt::format(
              "parameter {} = {} with dt = {} is unstable in {}-D: {} dt may be {:.4g} at most",
              name, value, rates.dt, setup.grid.is_3d() ? 3 : 2, name, limit),
          fmt::format("params.{}", name));
  return rates;
}

class GrayScott final : public Law {
 public:
  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    return [r = rates_of(setup)](const at::Tensor& psi, std::uint64_t) {
      const auto u = psi[0];
      const auto v = psi[1];
      const auto reaction = u * v * v;
      const auto change_u = r.diffusion_u * laplacian(u) - reaction + r.feed * (1 - u);
      const auto change_v = r.diffusion_v * laplacian(v) + reaction - r.drain * v;
      return at::stack({u + r.dt * change_u, v + r.dt * change_v});
    };
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    const auto r = rates_of(setup);
    return stencil_stepper(setup, [&](auto zero) {
      using T = decltype(zero);
      return cpu::GrayScott<T>{static_cast<T>(r.feed), static_cast<T>(r.drain),
                               static_cast<T>(r.diffusion_u), static_cast<T>(r.diffusion_v),
                               static_cast<T>(r.dt)};
    });
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup&) const override {
    return {dense[0].mean(at::kDouble).item<double>(), dense[1].mean(at::kDouble).item<double>()};
  }

 private:
  LawInfo info_ = describe();
};

}  // namespace

std::unique_ptr<Law> make_gray_scott() { return std::make_unique<GrayScott>(); }

}  // namespace atheria
