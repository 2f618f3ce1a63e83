#include "pyhost/bindings/lease.h"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "pyhost/bindings/ask.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/janitor.h"
#include "pyhost/bindings/module.h"
#include "pyhost/bindings/tensors.h"

namespace atheria::pyhost {

namespace py = pybind11;

namespace {

constexpr double kLongest = 86'400;  // seconds a lease may take
constexpr double kAnswered = 2;      // within which a world says that it is busy
constexpr auto kRetry = std::chrono::milliseconds(5);

[[noreturn]] void raise_ended(const std::string& world, const std::string& why) {
  raise("lease_expired", fmt::format("the lease of world '{}' has ended: {}; take another, with a "
                                     "longer deadline if it was too short",
                                     world, why));
}

// Every lease that is held, to take it back from a script that is ended by force. Any thread,
// without the GIL.
struct Held {
  std::string owner, world;
  std::weak_ptr<ParkedWorld> parked;
};
struct AllHeld {
  std::mutex mutex;
  std::vector<Held> all;  // Guarded by mutex.
};
AllHeld& all_held() {
  static AllHeld one;
  return one;
}

void note_held(const std::string& owner, const std::string& world,
               const std::shared_ptr<ParkedWorld>& parked) {
  const Locked lock(all_held().mutex);
  std::erase_if(all_held().all, [](const Held& one) { return one.parked.expired(); });
  all_held().all.push_back({owner, world, parked});
}

// Another lease that ends soon is waited for.
std::shared_ptr<Lease> take(const std::string& world, const std::string& owner, double timeout,
                            double deadline) {
  if (!(deadline > 0 && deadline <= kLongest))
    throw Error(ErrorKind::bad_args,
                fmt::format("deadline is above 0, at most {:g} s; got {:g}", kLongest, deadline),
                "deadline");
  const Deadline end(timeout);
  std::mutex mutex;  // nobody else's: to wait a little between two attempts
  std::condition_variable never;
  for (;;) {
    auto parked = std::make_shared<ParkedWorld>(fresh_id());
    // Who gives up after the world has parked gives it back.
    const auto give_up = [&] {
      parked->give_up();
      door().find(world)->post({command::Unpark{parked->id(), "given up"}});
    };
    try {
      ask(world, parked->park(owner, static_cast<std::uint64_t>(1e6 * deadline)),
          timeout < 0 ? kForever : std::max(timeout, kAnswered), give_up);
      unlocked([&] { note_held(owner, world, parked); });
      return std::make_shared<Lease>(world, parked);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy || end.over()) throw;
    }
    unlocked([&] {
      Locked lock(mutex);
      never.wait_for(lock, kRetry);
    });
    check_signals();
  }
}

}  // namespace

namespace {

// Leases this thread has taken; ended ones go with the next look.
thread_local std::vector<std::pair<std::string, std::weak_ptr<ParkedWorld>>> taken_here;

}  // namespace

bool held_here(const std::string& world) {
  std::erase_if(taken_here, [](const auto& one) {
    const auto parked = one.second.lock();
    return parked == nullptr || !parked->why().empty();
  });
  return std::ranges::any_of(taken_here, [&](const auto& one) { return one.first == world; });
}

void revoke_leases(const std::string& owner_ending) {
  std::vector<Held> all;
  {
    const Locked lock(all_held().mutex);
    all = all_held().all;
  }
  for (const Held& one : all) {
    const auto parked = one.parked.lock();
    if (parked == nullptr || !one.owner.ends_with(owner_ending)) continue;
    try {
      door().find(one.world)->post({command::Unpark{parked->id(), "revoked"}});
    } catch (const Error&) {
      continue;  // the world has gone
    }
  }
}

Lease::Lease(std::string world, std::shared_ptr<ParkedWorld> parked)
    : world_(std::move(world)), parked_(std::move(parked)) {
  taken_here.emplace_back(world_, parked_);
}

Lease::~Lease() {
  later([world = world_, parked = parked_] {
    if (parked->why().empty()) door().find(world)->post({command::Unpark{parked->id()}});
  });
}

std::uint64_t Lease::step() const {
  return unlocked([&] { return parked_->step(); });
}

double Lease::time() const {
  return unlocked([&] { return parked_->time(); });
}

std::string Lease::why() const {
  return unlocked([&] { return parked_->why(); });
}

py::object Lease::field(const std::string& channel) {
  at::Tensor found;
  try {
    found = unlocked([&] { return parked_->field(channel); });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::conflict) raise_ended(world_, why());
    throw;
  }
  return to_python(std::move(found));
}

std::uint64_t Lease::advance(std::int64_t n) {
  constexpr std::int64_t kMost = 1'000'000'000;
  if (n < 0 || n > kMost)
    throw Error(ErrorKind::bad_args, fmt::format("n is 0..{}, got {}", kMost, n), "n");
  try {
    unlocked([&] { parked_->before_steps(); });
    const auto stop = [&] { door().find(world_)->post({command::StepParked{parked_->id(), 0}}); };
    ask(world_, command::StepParked{parked_->id(), static_cast<std::uint32_t>(n)}, kForever, stop);
  } catch (const Error& error) {
    unlocked([&] { parked_->after_steps(); });
    // The world was deleted, or the time was up.
    if (const auto ended = why(); !ended.empty()) raise_ended(world_, ended);
    throw;
  }
  return unlocked([&] {
    parked_->after_steps();
    return parked_->step();
  });
}

void Lease::release() {
  unlocked([&] {
    if (!parked_->why().empty()) return;
    struct Done {
      std::mutex mutex;
      std::condition_variable came;
      bool is = false;
    };
    const auto done = std::make_shared<Done>();
    try {
      door().find(world_)->post({command::Unpark{parked_->id()}, [done](const Outcome&) {
                                   const Locked lock(done->mutex);
                                   done->is = true;
                                   done->came.notify_all();
                                 }});
      // Not interruptible: the world stands, so it answers within a chunk of steps.
      Locked lock(done->mutex);
      done->came.wait_for(lock, std::chrono::seconds(10), [&] { return done->is; });
    } catch (const Error&) {
      // The world is gone, and the lease with it.
    }
  });
}

void bind_leases(py::module_& module) {
  module.def("lease", take, py::arg("world"), py::arg("owner") = "a script",
             py::arg("timeout") = 10.0, py::arg("deadline") = 30.0,
             "Parks the world at a step boundary, exclusively, for at most `deadline` seconds; "
             "waits `timeout` "
             "seconds for another to let go.");
  py::class_<Lease, std::shared_ptr<Lease>>(module, "Lease")
      .def_property_readonly("step", &Lease::step)
      .def_property_readonly("time", &Lease::time)
      .def_property_readonly("valid", [](const Lease& lease) { return lease.why().empty(); })
      .def_property_readonly("why", [](const Lease& lease) { return text(lease.why()); })
      .def(
          "field",
          [](Lease& lease, const std::optional<std::string>& channel) {
            return lease.field(channel.value_or(""));
          },
          py::arg("channel") = py::none(),
          "A view of the world's own memory; of a world of bits a copy that is written back.")
      .def("advance", &Lease::advance, py::arg("n") = 1,
           "n steps while it is held; the step reached.")
      .def("release", &Lease::release, "Lets the world go on. Once more does nothing.");
}

}  // namespace atheria::pyhost
