#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/isa.h"
#include "engine/field/field.h"
#include "engine/law/info.h"

namespace atheria {

// Whether a stepper may leave out regions that cannot change. `automatic`: where it pays.
enum class Sparse { automatic, never, always };

// How a stepper goes about its work. The result does not depend on it, but for `isa` where a law
// says that its portable path rounds differently.
struct Tuning {
  Isa isa = best_isa();
  Sparse sparse = Sparse::automatic;
};

// Everything a plan may depend on. The same setup gives the same bits.
struct Setup {
  GridSpec grid;
  Dtype dtype = Dtype::f32;
  at::Device device = at::kCPU;
  std::uint64_t seed = 0;
  Params params;
  Tuning tuning = {};
};

// What one advance() reports back instead of throwing.
struct StepContext {
  std::string failure;  // empty: all went well

  // Asked every few milliseconds by a stepper that waits for somebody else (a law in Python): false
  // means give up, with the field as it was, and set `failure`. May be empty.
  std::function<bool()> goes_on = {};
};

// Moves a field in time. Belongs to one world; called from one thread at a time.
class Stepper {
 public:
  virtual ~Stepper() = default;

  // field, at step t0, becomes the field at step t0 + k. Allocates nothing after the first call
  // (native steppers), locks nothing a viewer holds, and never throws: trouble goes to
  // context.failure, and then the field's numbers are unspecified. advance(a + b) equals advance(a)
  // then advance(b) bit for bit, on any number of threads.
  virtual void advance(Field& field, std::uint64_t t0, std::uint32_t k,
                       StepContext& context) noexcept = 0;

  // Somebody else wrote the field since the last advance(). A stepper that keeps anything about the
  // field from one advance() to the next forgets it here.
  virtual void touched() noexcept {}

  // How it goes about it, for people: "avx512, 312 of 16384 tiles".
  virtual std::string how() const { return {}; }
};

// One step of the law's equation as a pure function: psi at step t -> psi at t + 1. Dense planes
// [channels, depth, height, width], float (bits arrive as uint8 0/1) on any device.
using StepFunction = std::function<at::Tensor(const at::Tensor& psi, std::uint64_t t)>;

// A rule that says what a field becomes after one step. Stateless: one object serves all worlds and
// threads.
class Law {
 public:
  virtual ~Law() = default;
  virtual const LawInfo& info() const = 0;

  // The oracle of every fast path: the equation in ATen, on any device, in float32 and float64.
  // Kernels, phases and weights are made once, here. Throws Error when the parameters do not fit
  // the grid.
  virtual StepFunction reference(const Setup& setup) const = 0;

  // The fast path for this setup, or null where there is none (then the reference runs).
  virtual std::unique_ptr<Stepper> native(const Setup&) const { return nullptr; }

  // The numbers named in info().measures, in that order, from a dense field.
  virtual std::vector<double> measure(const at::Tensor& dense, const Setup& setup) const;
};

enum class Path { fast, reference };

// The stepper for a setup: native when there is one and `path` asks for it. Throws Error when the
// law cannot run so: dtype, dimension or device it does not have, parameters out of range.
std::unique_ptr<Stepper> plan(const Law& law, const Setup& setup, Path path = Path::fast);

// Throws Error unless the law has this dtype and dimension.
void check_setup(const LawInfo& law, const GridSpec& grid, Dtype dtype);

}  // namespace atheria
