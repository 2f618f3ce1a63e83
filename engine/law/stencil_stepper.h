#pragma once

#include <torch/types.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/pool.h"
#include "engine/law/law.h"

namespace atheria {

// Steps a field with one of the kernels of engine/kernels/cpu, rows shared among the pool's
// threads.
template <class Kernel, class T>
class StencilStepper final : public Stepper {
 public:
  StencilStepper(Kernel kernel, int channels)
      : kernel_(kernel),
        cells_(channels * kernel.shape.cells()),
        scratch_(needs_scratch() ? static_cast<std::size_t>(cells_) : 0) {}

  void advance(Field& field, std::uint64_t, std::uint32_t k, StepContext&) noexcept override {
    T* const home = field.planes().template mutable_data_ptr<T>();
    here_ = home;
    there_ = scratch_.data();
    for (std::uint32_t i = 0; i < k; ++i) {
      for (pass_ = 0; pass_ < Kernel::kPasses; ++pass_) sweep();
      if constexpr (Kernel::kPingPong) std::swap(here_, there_);
    }
    if (here_ != home) std::copy_n(here_, cells_, home);
  }

 private:
  static constexpr bool needs_scratch() { return Kernel::kPingPong || Kernel::kScratch; }

  // Below this many cells a pass takes less time than meeting the other threads.
  static constexpr std::int64_t kWorthSharing = 1 << 14;

  void sweep() const {
    const auto rows = kernel_.shape.rows();
    if (kernel_.shape.cells() < kWorthSharing) return run(0, rows);
    // Captures one pointer, so that std::function does not allocate.
    shared_pool().bands(rows, [this](std::int64_t begin, std::int64_t end) { run(begin, end); });
  }

  void run(std::int64_t begin, std::int64_t end) const {
    if constexpr (Kernel::kPingPong)
      kernel_.pass(pass_, here_, there_, begin, end);
    else
      kernel_.pass(pass_, there_, here_, begin, end);
  }

  const Kernel kernel_;
  const std::int64_t cells_;  // of all planes
  std::vector<T> scratch_;
  T* here_ = nullptr;   // the state
  T* there_ = nullptr;  // the other buffer
  int pass_ = 0;
};

// make(T{}) gives the kernel for the setup's dtype.
template <class Make>
std::unique_ptr<Stepper> stencil_stepper(const Setup& setup, int channels, const Make& make) {
  const auto with = [&](auto zero) -> std::unique_ptr<Stepper> {
    using T = decltype(zero);
    const auto kernel = make(zero);
    return std::make_unique<StencilStepper<std::remove_const_t<decltype(kernel)>, T>>(kernel,
                                                                                      channels);
  };
  if (setup.dtype == Dtype::f32) return with(float{});
  return with(double{});
}

}  // namespace atheria
