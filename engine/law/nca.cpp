#include "engine/law/nca.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "engine/base/error.h"
#include "engine/law/nca_native.h"
#include "engine/law/nca_reference.h"
#include "engine/law/nca_weights.h"

namespace atheria {
namespace {

// Ink is the seed a picture grows from: no colour, alpha and all hidden channels 1.
std::vector<Channel> channels() {
  std::vector<Channel> list;
  for (const char* name : {"r", "g", "b"}) list.push_back({.name = name, .ink = 0});
  list.push_back({.name = "a"});
  for (int i = 0; i < kNcaChannels - 4; ++i) {
    list.push_back({.name = fmt::format("h{}", i), .lo = -1});
  }
  return list;
}

ParamSchema params(int seen, const std::string& grown) {
  ParamSpec weights{.name = "weights", .title = "Weights", .kind = ParamKind::text, .value = grown};
  weights.unit = "path";  // of the operator's disk, unless one of `choices`
  weights.about = "What it grows: a shipped name, or a safetensors file";
  weights.choices = shipped_nca_weights(seen);
  ParamSpec fire{.name = "fire_rate", .title = "Fire rate", .value = 0.5};
  fire.step = 0.01;
  fire.about = "Chance that a cell updates in a step";
  ParamSpec compute{
      .name = "compute", .title = "Compute", .kind = ParamKind::choice, .value = "f32"};
  compute.about = "bf16: the network in bfloat16, twice as fast; float32 fields only";
  compute.choices = {"f32", "bf16"};
  return {weights, fire, compute};
}

// What laws in two and in three dimensions have in common.
LawInfo describe() {
  LawInfo info;
  info.reference = "Mordvintsev et al., Growing Neural Cellular Automata, Distill (2020)";
  info.channels = channels();
  info.stochastic = true;
  info.absorbing_zero = true;
  info.measures = {{"alive", "cells", "cells beside an alpha above 0.1"},
                   {"alpha", "", "sum of the alpha channel"}};
  info.radius = 2;  // what it perceives, and whose new alpha keeps it alive
  info.init = "cell";
  info.view = "rgb";
  return info;
}

LawInfo describe_flat() {
  auto info = describe();
  info.name = "nca";
  info.title = "Neural cellular automaton";
  info.about =
      "Every cell runs the same small network on what it sees around it. Trained so that one "
      "living cell grows into a picture and heals when it is hurt.";
  info.equation =
      "psi' = (psi + fire * (W2 relu(W1 [psi, sobel_x psi, sobel_y psi] + b1) + b2)) * alive";
  info.params = params(kNcaSeen, "flower");
  info.presets = {
      {"flower", "A flower from one cell", {{"weights", "flower"}}, "cell"},
      {"field", "A field of flowers", {{"weights", "flower"}}, "cell:spacing=48"},
  };
  return info;
}

LawInfo describe_deep() {
  auto info = describe();
  info.name = "nca-3d";
  info.title = "Neural cellular automaton in 3-D";
  info.about =
      "The neural automaton on a lattice of three dimensions: a cell sees the 26 about it. Trained "
      "so that one living cell grows into a ball with a ring around it.";
  info.equation =
      "psi' = (psi + fire * (W2 relu(W1 [psi, sobel_x psi, sobel_y psi, sobel_z psi] + b1) + b2)) "
      "* alive";
  info.params = params(kNcaSeenDeep, "planet");
  info.presets = {
      {"planet", "A ringed planet from one cell", {{"weights", "planet"}}, "cell"},
      {"planets", "A lattice of planets", {{"weights", "planet"}}, "cell:spacing=24"},
  };
  info.dimensions = {2, 3};
  return info;
}

NcaOptions options_of(const Setup& setup) {
  const bool bf16 = setup.params.text("compute") == "bf16";
  if (bf16 && setup.dtype == Dtype::f64)
    throw Error(ErrorKind::bad_args,
                "compute=bf16 is for float32 fields; this one is float64: use compute=f32",
                "params.compute");
  return {.fire_rate = setup.params.number("fire_rate"), .bf16 = bf16};
}

class Nca : public Law {
 public:
  Nca(LawInfo info, int seen) : info_(std::move(info)), seen_(seen) {}

  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    return nca_reference(setup, weights_of(setup), options_of(setup));
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    return nca_stepper(setup, weights_of(setup), options_of(setup));
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup&) const override {
    const auto alive = neighbourhood_max(dense[3]) > kNcaAlive;
    return {alive.sum().item<double>(), dense[3].sum(at::kDouble).item<double>()};
  }

 private:
  NcaWeights weights_of(const Setup& setup) const {
    return load_nca_weights(setup.params.text("weights"), seen_);
  }

  const LawInfo info_;
  const int seen_;
};

}  // namespace

std::unique_ptr<Law> make_nca() { return std::make_unique<Nca>(describe_flat(), kNcaSeen); }

std::unique_ptr<Law> make_nca3() { return std::make_unique<Nca>(describe_deep(), kNcaSeenDeep); }

}  // namespace atheria
