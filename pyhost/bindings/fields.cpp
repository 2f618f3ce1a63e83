#include "pyhost/bindings/fields.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pybind11/stl.h>

#include "engine/run/catalog.h"
#include "pyhost/bindings/ask.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/module.h"
#include "pyhost/bindings/tensors.h"

namespace atheria::pyhost {

namespace py = pybind11;

namespace {

py::tuple snapshot(const std::string& world, const std::optional<std::string>& channel) {
  const auto copied = std::make_shared<Copied>();
  ask(world, command::Visit{[copied, name = channel.value_or("")](Simulation& seen) {
        *copied = copy_of(seen, name);
      }});
  return py::make_tuple(to_python(std::move(copied->numbers)), copied->step, copied->time);
}

// World's thread. `numbers` as snapshot() gives them.
void load_into(Simulation& world, const std::string& channel, const at::Tensor& numbers) {
  const auto& grid = world.field().grid();
  std::vector<std::int64_t> want;
  if (channel.empty()) want.push_back(world.field().channels());
  if (grid.is_3d()) want.push_back(grid.depth);
  want.insert(want.end(), {grid.height, grid.width});
  if (!channel.empty()) world.channel_of(channel);
  if (numbers.sizes() != at::IntArrayRef(want))
    throw Error(ErrorKind::bad_args,
                fmt::format("the values need shape [{}], got [{}]", fmt::join(want, ", "),
                            fmt::join(numbers.sizes(), ", ")),
                "values");
  world.load(channel, grid.is_3d() ? numbers : numbers.unsqueeze(channel.empty() ? 1 : 0));
}

std::uint64_t load(const std::string& world, const std::optional<std::string>& channel,
                   const py::object& values) {
  const auto given = from_python(values, "values");
  if (given.is_complex())
    throw Error(
        ErrorKind::bad_args,
        "the values are complex; a complex field has two channels: give torch.view_as_real's parts",
        "values");
  // A copy of our own: the world's thread may be the last to let go of it.
  auto numbers = unlocked([&] { return given.detach().clone(at::MemoryFormat::Contiguous); });
  const auto outcome =
      ask(world, command::Visit{[numbers = std::move(numbers), name = channel.value_or("")](
                                    Simulation& seen) { load_into(seen, name, numbers); }});
  return outcome.step;
}

std::vector<std::string> fields(const std::string& world) {
  const auto law = unlocked([&] { return door().find(world)->state().spec.law; });
  return channel_names(law_info(law));
}

}  // namespace

void bind_fields(py::module_& module) {
  module.def("snapshot", snapshot, py::arg("world"), py::arg("channel") = py::none(),
             "(tensor, step, time): a copy of one channel, or of all of them.");
  module.def("load", load, py::arg("world"), py::arg("channel"), py::arg("values"),
             "Writes a whole channel, or the whole field, between two steps; undo takes it back. "
             "Returns the step.");
  module.def("fields", fields, py::arg("world"), "The channels of the world's law.");
}

}  // namespace atheria::pyhost
