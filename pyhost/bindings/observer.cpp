#include <fmt/format.h>
#include <pybind11/stl.h>

#include "pyhost/bindings/ask.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/lease.h"
#include "pyhost/bindings/looks.h"
#include "pyhost/bindings/module.h"
#include "pyhost/bindings/tensors.h"

namespace atheria::pyhost {

namespace py = pybind11;

namespace {

// Python's Observer. With the GIL held, which every method lets go of while it works.
class Observer {
 public:
  Observer(std::string world, std::uint64_t id, std::shared_ptr<Looks> looks)
      : world_(std::move(world)), id_(id), looks_(std::move(looks)) {}
  ~Observer() { tell(world_, command::Unhook{id_}); }
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  py::object next(double timeout) {
    const Deadline deadline(timeout);
    std::optional<Look> look;
    bool over = false;
    while (!look) {
      if (!wait_for(looks_->mutex, looks_->changed, deadline, [&] { return looks_->ready(); }))
        return py::none();
      const bool play = unlocked([&] {
        auto& queue = looks_->queue();
        over = queue.finished();
        look = queue.next();
        return queue.wants_play();
      });
      if (over) throw py::stop_iteration();
      if (play) tell(world_, command::Play{});
    }
    py::dict channels;
    for (auto& [name, numbers] : look->channels)
      channels[text(name)] = to_python(std::move(numbers));
    return py::make_tuple(look->step, look->time, channels);
  }

  std::uint64_t dropped() const {
    return unlocked([&] { return looks_->queue().dropped(); });
  }

  void close() {
    unlocked([&] { looks_->queue().close(); });
    tell(world_, command::Unhook{id_});
  }

 private:
  const std::string world_;
  const std::uint64_t id_;
  const std::shared_ptr<Looks> looks_;
};

bool pauses_when_full(const std::string& word) {
  if (word == "drop" || word == "pause") return word == "pause";
  throw Error(ErrorKind::bad_args, fmt::format("on_full is 'drop' or 'pause', got '{}'", word),
              "on_full");
}

std::unique_ptr<Observer> observe(const std::string& world, std::int64_t every,
                                  const std::optional<std::vector<std::string>>& channels,
                                  bool keep_all, std::int64_t max_queue,
                                  const std::string& on_full) {
  constexpr std::int64_t kMostEvery = 1'000'000, kMostQueue = 65'536;
  if (every < 1 || every > kMostEvery)
    throw Error(ErrorKind::bad_args, fmt::format("every is 1..{}, got {}", kMostEvery, every),
                "every");
  if (max_queue < 1 || max_queue > kMostQueue)
    throw Error(ErrorKind::bad_args,
                fmt::format("max_queue is 1..{}, got {}", kMostQueue, max_queue), "max_queue");
  const bool pauses = pauses_when_full(on_full);
  LookRules rules{.every = static_cast<std::uint32_t>(every)};
  if (keep_all) rules.most = static_cast<std::size_t>(max_queue), rules.pauses = pauses;
  const auto names = channels.value_or(std::vector<std::string>{});
  ask(world, command::Visit{[names](Simulation& seen) {
        for (const auto& name : names) seen.channel_of(name);
      }});
  const auto id = fresh_id();
  const auto looks = unlocked([&] {
    const auto runner = door().find(world);
    auto made = Looks::of(*runner, rules, names);
    runner->post({made->queue().hook(id)});
    return made;
  });
  auto observer = std::make_unique<Observer>(world, id, looks);
  // The next step is seen: the hook is there when this returns.
  ask(world, command::Describe{});
  return observer;
}

}  // namespace

void bind_observers(py::module_& module) {
  module.def("observe", observe, py::arg("world"), py::arg("every") = 1,
             py::arg("channels") = py::none(), py::arg("keep_all") = false,
             py::arg("max_queue") = 8, py::arg("on_full") = "drop",
             "Copies at steps divisible by `every`. The world never waits: without keep_all only "
             "the newest is kept; "
             "with it, when max_queue wait, the oldest is dropped or the world paused until half "
             "of them are taken.");
  py::class_<Observer>(module, "Observer")
      .def_property_readonly("dropped", &Observer::dropped)
      .def("next", &Observer::next, py::arg("timeout") = -1.0,
           "(step, time, {channel: tensor}); None after `timeout` seconds (below 0: waits on). "
           "StopIteration when it is "
           "closed or its world is gone.")
      .def("close", &Observer::close);
}

}  // namespace atheria::pyhost
