#include "engine/run/remote_law.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/law/laws.h"

namespace atheria {
namespace {

constexpr std::chrono::milliseconds kLook{5};  // how often a world's thread asks whether to go on

FieldCopy bytes_of(const at::Tensor& psi, bool is_3d) {
  FieldCopy copy;
  const auto numbers = (is_3d ? psi : psi.squeeze(1)).contiguous();
  const auto* const bytes = static_cast<const std::uint8_t*>(numbers.const_data_ptr());
  copy.bytes.assign(bytes, bytes + numbers.nbytes());
  copy.descr = numbers.scalar_type() == at::kDouble ? "<f8" : "<f4";
  copy.shape = numbers.sizes().vec();
  return copy;
}

}  // namespace

void RemoteStep::answer(std::vector<std::uint8_t> next) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(over_, true)) return;
  next_ = std::move(next);
  came_.notify_all();
}

void RemoteStep::fail(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(over_, true)) return;
  failure_ = why;
  came_.notify_all();
}

bool RemoteStep::over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

RemoteStep::Answer RemoteStep::wait(std::chrono::milliseconds budget,
                                    const std::function<bool()>& goes_on) {
  const auto end = std::chrono::steady_clock::now() + budget;
  std::unique_lock lock(mutex_);
  while (!over_) {
    const auto now = std::chrono::steady_clock::now();
    bool wanted = now < end;
    if (wanted && goes_on) {
      lock.unlock();
      wanted = goes_on();
      lock.lock();
    }
    if (!wanted && !over_) {
      over_ = true;
      return std::nullopt;
    }
    came_.wait_until(lock, goes_on ? std::min(end, now + kLook) : end, [this] { return over_; });
  }
  if (!failure_.empty()) throw Error(ErrorKind::internal, failure_);
  return std::move(next_);
}

// A law whose step is computed elsewhere.
class RemoteLaw final : public Law {
 public:
  RemoteLaw(LawInfo info, std::chrono::milliseconds budget, AskStep ask)
      : info_(std::move(info)), budget_(budget), ask_(std::move(ask)) {}

  const LawInfo& info() const override { return info_; }

  StepFunction reference(const Setup& setup) const override {
    if (!setup.device.is_cpu())
      throw Error(
          ErrorKind::unsupported,
          fmt::format("the steps of law '{}' are computed by a client, on its CPU", info_.name),
          "device");
    return [this, params = setup.params.map(), is_3d = setup.grid.is_3d()](
               const at::Tensor& psi, std::uint64_t t) { return step(psi, t, params, is_3d, {}); };
  }

  std::unique_ptr<Stepper> native(const Setup& setup) const override;

  // The mean of each channel.
  std::vector<double> measure(const at::Tensor& dense, const Setup&) const override {
    std::vector<double> means;
    for (const auto& channel : dense.to(at::kDouble).unbind(0))
      means.push_back(channel.mean().item<double>());
    return means;
  }

  // Throws Error when there is no answer in time, or a bad one.
  at::Tensor step(const at::Tensor& psi, std::uint64_t t, const ParamMap& params, bool is_3d,
                  const std::function<bool()>& goes_on) const {
    const auto asked = std::make_shared<RemoteStep>(t, params, bytes_of(psi, is_3d));
    ask_(asked);
    const auto next = asked->wait(budget_, goes_on);
    if (!next)
      throw Error(ErrorKind::busy,
                  fmt::format("did not answer within its budget of {} ms: its client is slow, or "
                              "busy with something else",
                              budget_.count()));
    auto result = at::empty_like(psi, at::MemoryFormat::Contiguous);
    if (next->size() != result.nbytes())
      throw Error(ErrorKind::bad_args, fmt::format("answered {} bytes for a field of {}",
                                                   next->size(), result.nbytes()));
    std::memcpy(result.mutable_data_ptr(), next->data(), next->size());
    return result;
  }

 private:
  const LawInfo info_;
  const std::chrono::milliseconds budget_;
  const AskStep ask_;
};

namespace {

// Waits so that its world can be asked something meanwhile.
class RemoteStepper final : public Stepper {
 public:
  RemoteStepper(const RemoteLaw& law, const Setup& setup)
      : law_(law), params_(setup.params.map()), is_3d_(setup.grid.is_3d()) {}

  void advance(Field& field, std::uint64_t t0, std::uint32_t k,
               StepContext& context) noexcept override {
    try {
      const c10::InferenceMode guard;
      auto psi = field.dense();
      for (std::uint32_t i = 0; i < k; ++i)
        psi = law_.step(psi, t0 + i, params_, is_3d_, context.goes_on);
      field.set_dense(psi);
    } catch (const std::exception& error) {
      context.failure = error.what();
    }
  }

 private:
  const RemoteLaw& law_;  // lives for ever
  const ParamMap params_;
  const bool is_3d_;
};

}  // namespace

std::unique_ptr<Stepper> RemoteLaw::native(const Setup& setup) const {
  return std::make_unique<RemoteStepper>(*this, setup);
}

void add_remote_law(LawInfo info, std::chrono::milliseconds budget, AskStep ask) {
  add_law(std::make_unique<RemoteLaw>(std::move(info), budget, std::move(ask)));
}

}  // namespace atheria
