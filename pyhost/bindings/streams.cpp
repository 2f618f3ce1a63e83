#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pybind11/stl.h>

#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/module.h"
#include "pyhost/bindings/tensors.h"

// Pictures of a script's own, for whoever watches the server.
namespace atheria::pyhost {
namespace {

namespace py = pybind11;

using Range = std::optional<std::pair<double, double>>;

// Throws Error on what is no picture; before anything is copied.
StreamShape shape_of(const at::Tensor& values, const Range& range) {
  const auto wrong = [&](const std::string& found) {
    return Error(ErrorKind::bad_args,
                 fmt::format("a picture is a real tensor [h,w] or [3,h,w], got {}", found),
                 "values");
  };
  if (values.is_complex()) throw wrong("complex numbers: show abs(), angle(), real or imag of it");
  if (values.layout() != at::kStrided) throw wrong("a sparse tensor: show to_dense() of it");
  const auto sizes = values.sizes();
  const bool colours = sizes.size() == 3 && (sizes[0] == 1 || sizes[0] == 3);
  if (sizes.size() != 2 && !colours)
    throw wrong(fmt::format("shape [{}]{}", fmt::join(sizes, ","),
                            sizes.size() == 3 ? ": choose a layer of it" : ""));
  const std::int64_t channels = colours ? sizes[0] : 1;
  const auto height = sizes[sizes.size() - 2], width = sizes[sizes.size() - 1];
  check_stream_shape(width, height, channels);
  if (range) check_stream_range(range->first, range->second);
  return {static_cast<int>(width), static_cast<int>(height), static_cast<int>(channels), range};
}

std::uint64_t put(const std::string& topic, const py::object& values, const Range& range) {
  const auto given = from_python(values, "values");
  check_stream_name(topic);
  const StreamShape shape = shape_of(given, range);
  return unlocked([&] {
    StreamPicture picture{topic, shape, {}};
    picture.values.resize(static_cast<std::size_t>(given.numel()));
    at::from_blob(picture.values.data(), given.sizes(), at::kFloat).copy_(given.detach());
    return door().put_stream(std::move(picture));
  });
}

py::dict topics() {
  const auto streams = unlocked([] { return door().streams(); });
  py::dict all;
  for (const StreamInfo& stream : streams) {
    const auto& [width, height, channels, range] = stream.shape;
    py::tuple size = py::make_tuple(height, width);
    if (channels != 1) size = py::make_tuple(channels, height, width);
    py::dict one;
    one["shape"] = size;
    one["range"] = py::cast(range);
    one["puts"] = stream.count;
    all[py::str(stream.name)] = one;
  }
  return all;
}

}  // namespace

void bind_streams(py::module_& module) {
  module.def(
      "put", put, py::arg("topic"), py::arg("values"), py::arg("range") = py::none(),
      "Shows a tensor [h,w] or [3,h,w] as the topic `stream/NAME`; a copy of it, as float32. "
      "Returns the number of the picture.");
  module.def(
      "drop", [](const std::string& topic) { unlocked([&] { door().drop_stream(topic); }); },
      py::arg("topic"), "Takes a topic of that kind away.");
  module.def("topics", topics, "Those there are: {name: {shape, range, puts}}.");
}

}  // namespace atheria::pyhost
