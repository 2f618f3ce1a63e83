#include "engine/law/lenia.h"

#include <ATen/ATen.h>

#include "engine/law/lenia_kernel.h"
#include "engine/law/lenia_native.h"
#include "engine/law/spectral.h"

namespace atheria {
namespace {

// The step, whatever the number of channels and kernels.
class LeniaStep {
 public:
  LeniaStep(const Setup& setup, std::vector<LeniaKernel> kernels)
      : kernels_(std::move(kernels)),
        grid_(setup.grid),
        growth_(parse_growth(setup.params.text("growth"))),
        dt_(setup.params.number("dt")) {
    const auto core = parse_core(setup.params.text("kernel"));
    const double radius = setup.params.number("R");
    for (const auto& kernel : kernels_)
      transforms_.push_back(kernel_transform(grid_, radius * kernel.reach, kernel.beta, core)
                                .to(setup.device, complex_type(setup.dtype)));
  }

  at::Tensor operator()(const at::Tensor& psi) const {
    const auto modes = forward_real(psi, grid_);
    auto total = at::zeros_like(psi);
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      const auto& kernel = kernels_[i];
      const auto u = inverse_real(modes[kernel.from] * transforms_[i], grid_);
      total[kernel.to] += kernel.weight * growth(u, kernel.mu, kernel.sigma, growth_);
    }
    return at::clamp(psi + dt_ * total, 0, 1);
  }

 private:
  std::vector<LeniaKernel> kernels_;
  std::vector<at::Tensor> transforms_;  // of each kernel, as forward_real gives it
  GridSpec grid_;
  Growth growth_;
  double dt_;
};

LawInfo describe() {
  LawInfo info;
  info.reference =
      "B. W.-C. Chan, Lenia: Biology of Artificial Life, Complex Systems 28 (2019) 251";
  info.radius = kGlobalRadius;
  info.dimensions = {2, 3};
  info.measures = {{.name = "mass", .about = "sum of all cells"}};
  info.params = {{.name = "R",
                  .title = "Radius",
                  .kind = ParamKind::integer,
                  .value = 13.0,
                  .lo = 2,
                  .hi = 64,
                  .step = 1,
                  .unit = "cells",
                  .about = "how far a cell sees"},
                 {.name = "dt",
                  .title = "Time step",
                  .value = 0.1,
                  .lo = 0.01,
                  .hi = 1,
                  .step = 0.01,
                  .unit = "time"},
                 {.name = "kernel",
                  .title = "Shape of a ring",
                  .kind = ParamKind::choice,
                  .value = "polynomial",
                  .choices = {"polynomial", "exponential", "gaussian"}},
                 {.name = "growth",
                  .title = "Shape of growth",
                  .kind = ParamKind::choice,
                  .value = "polynomial",
                  .choices = {"polynomial", "gaussian"}}};
  info.colormap = "turbo";
  return info;
}

LawInfo describe_single() {
  auto info = describe();
  info.name = "lenia";
  info.title = "Lenia";
  info.about = "Life made continuous: smooth creatures that swim, turn and heal.";
  info.equation = "A' = clip(A + dt G(K * A), 0, 1)";
  info.channels = {{.name = "a"}};
  info.params.insert(info.params.begin() + 1,
                     {{.name = "mu",
                       .title = "Growth centre",
                       .value = 0.15,
                       .lo = 0.01,
                       .hi = 0.6,
                       .step = 0.001},
                      {.name = "sigma",
                       .title = "Growth width",
                       .value = 0.015,
                       .lo = 0.001,
                       .hi = 0.2,
                       .step = 0.0005},
                      {.name = "beta",
                       .title = "Rings",
                       .kind = ParamKind::text,
                       .value = "1",
                       .about = "height of each ring of the kernel, from the inside: 1/2,1,2/3"}});
  info.presets = {{"orbium", "Orbium, the first swimmer", {}, "pattern:orbium"},
                  {"hydrogeminium",
                   "Hydrogeminium, three rings",
                   {{"R", 18.0}, {"mu", 0.26}, {"sigma", 0.036}, {"beta", "1/2,1,2/3"}},
                   "pattern:hydrogeminium"},
                  {"soup", "Soup", {{"mu", 0.14}, {"sigma", 0.02}}, "blobs:count=24,radius=12"}};
  info.init = "pattern:orbium";
  info.view = "a";
  return info;
}

constexpr const char* kTessellatium =
    "0>0 r=0.91 m=0.272 s=0.0595 h=0.138; 0>0 r=0.62 m=0.349 s=0.1585 h=0.48; "
    "0>0 r=0.5 b=1,1/4 m=0.2 s=0.0332 h=0.284; 1>1 r=0.97 b=0,1 m=0.114 s=0.0528 h=0.256; "
    "1>1 r=0.72 m=0.447 s=0.0777 h=0.5; 1>1 r=0.8 b=5/6,1 m=0.247 s=0.0342 h=0.622; "
    "2>2 r=0.96 m=0.21 s=0.0617 h=0.35; 2>2 r=0.56 m=0.462 s=0.1192 h=0.218; "
    "2>2 r=0.78 m=0.446 s=0.1793 h=0.556; 0>1 r=0.79 b=11/12,1 m=0.327 s=0.1408 h=0.344; "
    "0>2 r=0.5 b=3/4,1 m=0.476 s=0.0995 h=0.456; 1>0 r=0.72 b=11/12,1 m=0.379 s=0.0697 h=0.67; "
    "1>2 r=0.68 m=0.262 s=0.0877 h=0.42; 2>0 r=0.82 b=1/6,1,0 m=0.412 s=0.1101 h=0.43; "
    "2>1 r=0.82 m=0.201 s=0.0786 h=0.278";

LawInfo describe_triple() {
  auto info = describe();
  info.name = "lenia-3";
  info.title = "Lenia in three channels";
  info.about = "Three kinds of matter that see and feed each other: creatures of many colours.";
  info.equation = "A_j' = clip(A_j + dt sum_k h_k G_k(K_k * A_i), 0, 1)";
  info.reference = "B. W.-C. Chan, Lenia and Expanded Universe, ALIFE 2020";
  info.channels = {{.name = "red"}, {.name = "green"}, {.name = "blue"}};
  for (auto& param : info.params) {
    if (param.name == "R") param.value = 12.0;
    if (param.name == "dt") param.value = 0.5;
    if (param.name == "kernel" || param.name == "growth") param.value = "gaussian";
  }
  info.params.push_back(
      {.name = "kernels",
       .title = "Kernels",
       .kind = ParamKind::text,
       .value = kTessellatium,
       .about =
           "FROM>TO r=radius as a part of R, b=rings, m=centre, s=width, h=weight; joined by ;"});
  info.presets = {{"aquarium", "Tessellatium, an aquarium", {}, "pattern:aquarium"},
                  {"slow", "The same in finer time", {{"dt", 0.25}}, "pattern:aquarium"}};
  info.init = "pattern:aquarium";
  info.view = "rgb";
  return info;
}

class Lenia final : public Law {
 public:
  Lenia(LawInfo info, bool single) : info_(std::move(info)), single_(single) {}
  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    return [step = LeniaStep(setup, kernels_of(setup.params))](const at::Tensor& psi,
                                                               std::uint64_t) { return step(psi); };
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    return native_lenia_stepper(setup, static_cast<int>(info_.channels.size()),
                                kernels_of(setup.params));
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup&) const override {
    return {dense.sum(at::kDouble).item<double>()};
  }

 private:
  std::vector<LeniaKernel> kernels_of(const Params& params) const {
    if (!single_)
      return parse_kernels(params.text("kernels"), static_cast<int>(info_.channels.size()));
    return {{.beta = parse_beta(params.text("beta"), "beta"),
             .mu = params.number("mu"),
             .sigma = params.number("sigma")}};
  }

  LawInfo info_;
  bool single_;
};

}  // namespace

std::unique_ptr<Law> make_lenia() { return std::make_unique<Lenia>(describe_single(), true); }
std::unique_ptr<Law> make_lenia3() { return std::make_unique<Lenia>(describe_triple(), false); }

}  // namespace atheria
