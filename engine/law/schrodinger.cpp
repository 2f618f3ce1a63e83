#include "engine/law/schrodinger.h"

#include <ATen/ATen.h>

#include <numbers>

#include "engine/law/potential.h"
#include "engine/law/spectral.h"
#include "engine/law/split_step.h"
#include "engine/law/split_step_native.h"

namespace atheria {
namespace {

LawInfo describe(double g, const std::string& chosen_potential) {
  LawInfo info;
  info.equation = "i psi_t = -(1 / 2 mass) laplacian psi + V psi + g |psi|^2 psi";
  info.reference = "W. Bao, D. Jaksch, P. Markowich, J. Comput. Phys. 187 (2003) 318";
  info.channels = {{.name = "re", .lo = -1, .hi = 1, .background = 0, .ink = 1},
                   {.name = "im", .lo = -1, .hi = 1, .background = 0, .ink = 0}};
  info.radius = kGlobalRadius;
  info.complex = true;
  info.dimensions = {2, 3};
  info.measures = {{.name = "norm", .about = "integral of |psi|^2: how many particles"},
                   {.name = "energy",
                    .unit = "energy",
                    .about = "of motion, in the potential, and of interaction"},
                   {.name = "width",
                    .unit = "length",
                    .about = "root mean square distance from the centre of |psi|^2"}};
  info.invariants = {{.measure = "norm",
                      .tolerance = 6e-5,  // the transform's rounding takes about 1.3e-7 a step
                      .steps = 200,
                      .tolerance_f64 = 1e-12,
                      .about = "for every choice of parameters"}};
  info.params = {
      {.name = "g",
       .title = "Interaction",
       .value = g,
       .lo = -2,
       .hi = 2,
       .step = 0.005,
       .unit = "energy area",
       .about = "0: one particle; above: a repelling condensate; below: an attracting one"},
      {.name = "mass", .title = "Mass", .value = 1.0, .lo = 0.1, .hi = 10, .step = 0.1},
      {.name = "dt",
       .title = "Time step",
       .value = g == 0 ? 0.5 : 0.2,
       .lo = 0.001,
       .hi = 2,
       .step = 0.01,
       .unit = "time"},
      {.name = "dx",
       .title = "Side of a cell",
       .value = 1.0,
       .lo = 0.05,
       .hi = 4,
       .step = 0.05,
       .unit = "length"}};
  for (auto& param : potential_schema(chosen_potential)) info.params.push_back(param);
  info.view = "density";
  info.colormap = "phase";
  return info;
}

LawInfo describe_schrodinger() {
  auto info = describe(0, "lattice");
  info.name = "schrodinger";
  info.title = "Schroedinger equation";
  info.about = "One quantum particle as a wave: it spreads, tunnels, and interferes with itself.";
  const std::string packet = "packet:width=12,kx=14";
  info.presets = {{"lattice",
                   "A packet on a lattice",
                   {{"potential", "lattice"}, {"strength", 0.2}, {"period", 16.0}},
                   packet},
                  {"free", "A free packet", {{"potential", "none"}}, packet},
                  {"double-slit",
                   "Two slits",
                   {{"potential", "double-slit"}, {"strength", 5.0}, {"period", 32.0}},
                   "packet:x=64,width=16,kx=20"},
                  {"trap",
                   "Swinging in a bowl",
                   {{"potential", "harmonic"}, {"omega", 0.02}},
                   "packet:x=80,width=7"},
                  {"hills",
                   "Lost in random hills",
                   {{"potential", "random"}, {"strength", 0.08}, {"period", 8.0}},
                   packet}};
  info.init = packet;
  return info;
}

LawInfo describe_gross_pitaevskii() {
  auto info = describe(0.05, "harmonic");
  info.name = "gross-pitaevskii";
  info.title = "Gross-Pitaevskii condensate";
  info.about =
      "A cloud of atoms that share one wave: sound, vortices that never spin down, quantum "
      "turbulence.";
  for (auto& param : info.params)
    if (param.name == "omega") param.value = 0.0083;
  info.presets = {
      {"vortex",
       "A vortex in a trap",
       {{"potential", "harmonic"}, {"omega", 0.0083}},
       "pattern:vortex"},
      {"breathing",
       "A cloud that breathes",
       {{"potential", "harmonic"}, {"omega", 0.02}},
       "packet:width=24"},
      {"turbulence", "Quantum turbulence", {{"potential", "none"}, {"g", 0.1}}, "noise:lo=-1,hi=1"},
      {"lattice",
       "A condensate on a lattice",
       {{"potential", "lattice"}, {"strength", 0.1}, {"period", 16.0}},
       "packet:width=32"},
      {"collapse", "Attraction", {{"potential", "none"}, {"g", -0.02}}, "packet:width=12"}};
  info.init = "pattern:vortex";
  return info;
}

class Schrodinger final : public Law {
 public:
  explicit Schrodinger(LawInfo info) : info_(std::move(info)) {}
  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    return [step = SplitStep(setup)](const at::Tensor& psi, std::uint64_t) {
      return to_planes(step(to_complex(psi)));
    };
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override {
    if (auto stepper = native_split_stepper(setup)) return stepper;
    return split_stepper(setup);
  }

  std::vector<double> measure(const at::Tensor& dense, const Setup& setup) const override;

 private:
  LawInfo info_;
};

// Root mean square distance from the centre, along each axis the short way round; the centre is the
// circular mean.
double width(const at::Tensor& density, const GridSpec& grid, double total) {
  double square = 0;
  for (int axis = 0; axis < (grid.is_3d() ? 3 : 2); ++axis) {
    const auto x = position(grid, axis);
    const auto n = static_cast<double>(x.numel());
    const auto angle = x * (2 * std::numbers::pi / n);
    const double s = (density * at::sin(angle)).sum().item<double>();
    const double c = (density * at::cos(angle)).sum().item<double>();
    const auto off = x - std::atan2(s, c) * n / (2 * std::numbers::pi);
    square += (density * (off - n * at::round(off / n)).square()).sum().item<double>() / total;
  }
  return std::sqrt(square);
}

std::vector<double> Schrodinger::measure(const at::Tensor& dense, const Setup& setup) const {
  const auto& grid = setup.grid;
  const auto& params = setup.params;
  const double dx = params.number("dx");
  const double cell = std::pow(dx, grid.is_3d() ? 3 : 2);
  const auto psi = to_complex(dense.to(at::kCPU, at::kDouble));
  const auto density = psi.abs().square();
  const double total = density.sum().item<double>();
  const auto modes = forward(psi, grid).abs().square();
  const double motion = (modes * wave_number_squared(grid)).sum().item<double>() /
                        (2 * params.number("mass") * dx * dx * static_cast<double>(grid.cells()));
  const auto v = potential(setup);
  const double place = v.defined() ? (density * v).sum().item<double>() : 0;
  const double interaction = params.number("g") / 2 * density.square().sum().item<double>();
  return {total * cell, (motion + place + interaction) * cell,
          total > 0 ? width(density, grid, total) * dx : 0};
}

}  // namespace

std::unique_ptr<Law> make_schrodinger() {
  return std::make_unique<Schrodinger>(describe_schrodinger());
}

std::unique_ptr<Law> make_gross_pitaevskii() {
  return std::make_unique<Schrodinger>(describe_gross_pitaevskii());
}

}  // namespace atheria
