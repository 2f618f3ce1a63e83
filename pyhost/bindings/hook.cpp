#include <fmt/format.h>
#include <pybind11/stl.h>

#include "engine/base/log.h"
#include "pyhost/bindings/ask.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/inline_hook.h"
#include "pyhost/bindings/lease.h"
#include "pyhost/bindings/module.h"

namespace atheria::pyhost {

namespace py = pybind11;

namespace {

// Python's Hook. With the GIL held, which every method lets go of while it works.
class Hook {
 public:
  Hook(std::string world, std::uint64_t id, std::shared_ptr<StepVisits> visits)
      : world_(std::move(world)), id_(id), visits_(std::move(visits)) {}
  ~Hook() { tell(world_, command::Unhook{id_}); }
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  std::shared_ptr<Lease> next(double timeout) {
    answer();
    if (!wait_for(visits_->mutex, visits_->changed, Deadline(timeout),
                  [&] { return visits_->ready(); }))
      return nullptr;
    const auto parked = unlocked([&] {
      const Locked lock(visits_->mutex);
      return visits_->take();
    });
    if (!parked) return nullptr;  // detached
    lease_ = std::make_shared<Lease>(world_, parked);
    return lease_;
  }

  void answer() {
    if (!lease_) return;
    const auto answered = std::exchange(lease_, nullptr);
    answered->release();
  }

  void fail(const std::string& why) {
    unlocked([&] {
      visits_->detach(why);
      log::warning(fmt::format("world {}: its hook failed and was detached: {}", world_, why));
    });
    go_on();
  }

  void close() {
    unlocked([&] { visits_->detach("closed"); });
    go_on();
  }

  std::string detached() const {
    return unlocked([&] { return visits_->detached(); });
  }

 private:
  void go_on() {
    answer();
    const auto untaken = unlocked([&] {
      const Locked lock(visits_->mutex);
      return visits_->take();
    });
    if (untaken) tell(world_, command::Unpark{untaken->id()});
    tell(world_, command::Unhook{id_});
  }

  const std::string world_;
  const std::uint64_t id_;
  const std::shared_ptr<StepVisits> visits_;
  std::shared_ptr<Lease> lease_;  // given out, not answered. With the GIL.
};

std::unique_ptr<Hook> on_step(const std::string& world, std::int64_t every, double budget_ms) {
  constexpr std::int64_t kMostEvery = 1'000'000;
  constexpr double kMostBudget = 60'000;
  if (every < 1 || every > kMostEvery)
    throw Error(ErrorKind::bad_args, fmt::format("every is 1..{}, got {}", kMostEvery, every),
                "every");
  if (!(budget_ms > 0 && budget_ms <= kMostBudget))
    throw Error(ErrorKind::bad_args,
                fmt::format("budget_ms is above 0, at most {:g}; got {:g}", kMostBudget, budget_ms),
                "budget_ms");
  const auto visits = std::make_shared<StepVisits>(static_cast<std::uint32_t>(every), budget_ms);
  const auto id = fresh_id();
  auto hook = std::make_unique<Hook>(world, id, visits);
  unlocked([&] {
    const auto runner = door().find(world);
    runner->post({visits->hook(id, *runner)});
  });
  ask(world, command::Describe{});  // it is there when this returns
  return hook;
}

}  // namespace

void bind_hooks(py::module_& module) {
  module.def("on_step", on_step, py::arg("world"), py::arg("every"), py::arg("budget_ms") = 50.0,
             "The world stands at each step divisible by `every` until answer(), at most "
             "budget_ms; over it three "
             "times detaches the hook.");
  py::class_<Hook>(module, "Hook")
      .def_property_readonly("detached", [](const Hook& hook) { return text(hook.detached()); })
      .def("next", &Hook::next, py::arg("timeout") = -1.0,
           "The lease of a world that stands now; None after `timeout` seconds, or when detached.")
      .def("answer", &Hook::answer, "The world goes on.")
      .def("fail", &Hook::fail, py::arg("text"),
           "Detaches it and says why in the log; the world goes on.")
      .def("close", &Hook::close);
}

}  // namespace atheria::pyhost
