#include "engine/law/nca.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

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

ParamSchema params() {
  ParamSpec weights{
      .name = "weights", .title = "Weights", .kind = ParamKind::text, .value = "flower"};
  weights.unit = "path";  // of the operator's disk, unless one of `choices`
  weights.about = "What it grows: a shipped name, or a safetensors file";
  weights.choices = shipped_nca_weights();
  ParamSpec fire{.name = "fire_rate", .title = "Fire rate", .value = 0.5};
  fire.step = 0.01;
  fire.about = "Chance that a cell updates in a step";
  return {weights, fire};
}

std::vector<Preset> presets() {
  return {
      {"flower", "A flower from one cell", {{"weights", "flower"}}, "cell"},
      {"field", "A field of flowers", {{"weights", "flower"}}, "cell:spacing=48"},
  };
}

LawInfo describe() {
  LawInfo info;
  info.name = "nca";
  info.title = "Neural cellular automaton";
  info.about =
      "Every cell runs the same small network on what it sees around it. Trained so that one "
      "living "
      "cell grows into a picture and heals when it is hurt.";
  info.equation =
      "psi' = (psi + fire * (W2 relu(W1 [psi, sobel_x psi, sobel_y psi] + b1) + b2)) * alive";
  info.reference = "Mordvintsev et al., Growing Neural Cellular Automata, Distill (2020)";
  info.channels = channels();
  info.stochastic = true;
  info.absorbing_zero = true;
  info.measures = {{"alive", "cells", "cells beside an alpha above 0.1"},
                   {"alpha", "", "sum of the alpha channel"}};
  info.radius = 2;  // what it perceives, and whose new alpha keeps it alive
  info.params = params();
  info.presets = presets();
  info.init = "cell";
  info.view = "rgb";
  return info;
}

class Nca : public Law {
 public:
  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    return nca_reference(setup, load_nca_weights(setup.params.text("weights")),
                         setup.params.number("fire_rate"));
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    return nca_stepper(setup, load_nca_weights(setup.params.text("weights")),
                       setup.params.number("fire_rate"));
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup&) const override {
    const auto alive = neighbourhood_max(dense[3]) > kNcaAlive;
    return {alive.sum().item<double>(), dense[3].sum(at::kDouble).item<double>()};
  }

 private:
  const LawInfo info_ = describe();
};

}  // namespace

std::unique_ptr<Law> make_nca() { return std::make_unique<Nca>(); }

}  // namespace atheria
