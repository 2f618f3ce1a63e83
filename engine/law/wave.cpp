#include "engine/law/wave.h"

#include <ATen/ATen.h>

#include "engine/law/stencil.h"
#include "engine/law/stencil_stepper.h"

namespace atheria {
namespace {

LawInfo describe() {
  LawInfo info;
  info.name = "wave";
  info.title = "Wave equation";
  info.about =
      "A drum skin without an edge: ripples run, cross and interfere. Conserves energy unless "
      "damped.";
  info.equation =
      "w' = ((1 - damping dt/2) w + dt c^2 lap u) / (1 + damping dt/2)\n"
      "u' = u + dt w'";
  info.reference = "Hairer, Lubich, Wanner, Acta Numerica 12 (2003) 399 (leapfrog)";
  info.channels = {{.name = "u", .lo = -1, .hi = 1, .background = 0, .ink = 1},
                   {.name = "w", .unit = "1/time", .lo = -1, .hi = 1, .background = 0, .ink = 0}};
  info.radius = 1;
  info.absorbing_zero = true;
  info.dimensions = {2, 3};
  info.measures = {
      {.name = "energy", .about = "kinetic and elastic; exactly conserved without damping"}};
  info.invariants = {{.measure = "energy",
                      .tolerance = 2e-5,
                      .steps = 200,
                      .tolerance_f64 = 1e-12,
                      .about = "with damping = 0"}};
  info.params = {{.name = "c",
                  .title = "Speed",
                  .value = 1.0,
                  .lo = 0,
                  .hi = 1,
                  .step = 0.01,
                  .unit = "cells/time"},
                 {.name = "damping",
                  .title = "Damping",
                  .value = 0.0,
                  .lo = 0,
                  .hi = 1,
                  .step = 0.001,
                  .unit = "1/time",
                  .about = "how fast ripples die away; 0 keeps the energy"},
                 {.name = "dt",
                  .title = "Time step",
                  .value = 0.5,
                  .lo = 0.01,
                  .hi = 0.55,
                  .step = 0.01,
                  .unit = "time"}};
  info.presets = {
      {"drops", "Drops on a pond", {{"damping", 0.002}}, "blobs:count=6,radius=5"},
      {"drum", "One ring, forever", {}, "blobs:count=1,radius=8"},
      {"slow", "Thick and slow", {{"c", 0.3}, {"damping", 0.01}}, "blobs:count=12,radius=10"},
      {"storm", "Noise that never rests", {}, "noise:lo=-0.5,hi=0.5"}};
  info.init = "blobs:count=6,radius=5";
  info.view = "u";
  info.colormap = "coolwarm";
  return info;
}

struct Factors {
  double keep, push, dt;
};

Factors factors_of(const Setup& setup) {
  const double c = setup.params.number("c");
  const double dt = setup.params.number("dt");
  const double drag = setup.params.number("damping") * dt / 2;
  return {(1 - drag) / (1 + drag), dt * c * c / (1 + drag), dt};
}

class Wave final : public Law {
 public:
  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    return [f = factors_of(setup)](const at::Tensor& psi, std::uint64_t) {
      const auto w = f.keep * psi[1] + f.push * laplacian(psi[0]);
      return at::stack({psi[0] + f.dt * w, w});
    };
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    const auto f = factors_of(setup);
    return stencil_stepper(setup, [&](auto zero) {
      using T = decltype(zero);
      return cpu::Wave<T>{static_cast<T>(f.keep), static_cast<T>(f.push), static_cast<T>(f.dt)};
    });
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup& setup) const override {
    const double c = setup.params.number("c");
    const double dt = setup.params.number("dt");
    const auto psi = dense.to(at::kDouble);
    const auto force = c * c * laplacian(psi[0]);
    return {(psi[1] * (psi[1] + dt * force) - psi[0] * force).sum().item<double>() / 2};
  }

 private:
  LawInfo info_ = describe();
};

}  // namespace

std::unique_ptr<Law> make_wave() { return std::make_unique<Wave>(); }

}  // namespace atheria
