#include "engine/law/life.h"

#include <ATen/ATen.h>

#include "engine/law/life_native.h"
#include "engine/law/life_rule.h"

namespace atheria {
namespace {

ParamSpec rule_param() {
  ParamSpec spec{.name = "rule", .title = "Rule", .kind = ParamKind::text, .value = "B3/S23"};
  spec.about = "Neighbour counts for birth and survival: B3/S23, 23/3, or a name";
  for (const auto& known : named_life_rules()) spec.choices.push_back(known.name);
  return spec;
}

std::vector<Preset> presets() {
  return {
      {"gun", "Gosper's gun, and an eater", {}, "pattern:gun-and-eater"},
      {"soup", "Random soup", {}, "noise:density=0.3"},
      {"r-pentomino", "R-pentomino: five cells, 1103 steps", {}, "pattern:r-pentomino"},
      {"acorn", "Acorn: seven cells, 5206 steps", {}, "pattern:acorn"},
      {"pulsar", "Pulsar", {}, "pattern:pulsar"},
      {"replicator", "HighLife: a replicator", {{"rule", "B36/S23"}}, "pattern:replicator"},
      {"day-and-night", "Day & Night", {{"rule", "B3678/S34678"}}, "noise:density=0.5"},
      {"seeds", "Seeds: everything dies, everything grows", {{"rule", "B2/S"}}, "pattern:domino"},
      {"maze", "Maze", {{"rule", "B3/S12345"}}, "pattern:r-pentomino"},
      {"coral", "Coral", {{"rule", "B3/S45678"}}, "blobs:count=12,radius=6"},
      {"anneal",
       "Anneal: domains that smooth out",
       {{"rule", "B4678/S35678"}},
       "noise:density=0.5"},
  };
}

LawInfo describe() {
  LawInfo info;
  info.name = "life";
  info.title = "Life and its relatives";
  info.about =
      "Cells live or die by how many of their eight neighbours live. Conway's rule by default; any "
      "birth/survival rule works.";
  info.equation =
      "psi' = 1 where n in B and psi = 0, or n in S and psi = 1; n = living among the 8 neighbours";
  info.reference = "M. Gardner, Mathematical Games, Scientific American 223 (1970)";
  info.channels = {{.name = "alive"}};
  info.dtypes = {Dtype::bits, Dtype::f32};
  info.measures = {{"population", "cells", "living cells"}};
  info.params = {rule_param()};
  info.presets = presets();
  info.init = "noise:density=0.3";
  info.view = "alive";
  info.colormap = "gray";
  return info;
}

// Living neighbours of each cell: the 3x3 sum by rolls, less the cell itself.
at::Tensor neighbours(const at::Tensor& alive) {
  const auto rows = alive + alive.roll(1, -1) + alive.roll(-1, -1);
  return rows + rows.roll(1, -2) + rows.roll(-1, -2) - alive;
}

at::Tensor count_in(const at::Tensor& count, std::uint16_t bits) {
  auto found = at::zeros_like(count, at::kBool);
  for (int n = 0; n <= 8; ++n) {
    if (bits >> n & 1) found = found | (count == n);
  }
  return found;
}

class Life : public Law {
 public:
  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    const LifeRule rule = parse_life_rule(setup.params.text("rule"));
    return [rule](const at::Tensor& psi, std::uint64_t) {
      const auto alive = psi != 0;
      const auto count = neighbours(alive.to(at::kByte));
      const auto next =
          at::where(alive, count_in(count, rule.survive), count_in(count, rule.birth));
      return next.to(psi.scalar_type());
    };
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    if (setup.dtype != Dtype::bits || !setup.device.is_cpu()) return nullptr;
    return life_stepper(setup.grid, parse_life_rule(setup.params.text("rule")), setup.tuning);
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup&) const override {
    return {static_cast<double>((dense != 0).sum().item<std::int64_t>())};
  }

 private:
  const LawInfo info_ = describe();
};

}  // namespace

std::unique_ptr<Law> make_life() { return std::make_unique<Life>(); }

}  // namespace atheria
