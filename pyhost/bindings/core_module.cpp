#include <fmt/format.h>

#include "atheria_build.h"
#include "engine/run/engine.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/module.h"
#include "pyhost/bindings/own_door.h"

// `atheria_core`: the engine in plain Python. It leaves torch's own settings (threads, allocator) as
// they are: they belong to whoever runs the process.
namespace atheria::pyhost {
namespace {

namespace py = pybind11;

std::string release(const std::string& version) { return version.substr(0, version.find('+')); }

// The library is loaded already when this runs; another version would have other layouts.
void check_torch() {
  const auto torch = py::module_::import("torch");
  const std::string found = py::str(torch.attr("__version__"));
  const std::string linked = engine_facts().torch;
  if (release(found) == release(build::kTorchVersion) && release(linked) == release(found)) return;
  throw py::import_error(
      fmt::format("atheria_core was built for torch {0}, but this process has torch {1} (library "
                  "{2}); 'pip install torch=={0}' puts the right one beside it, './ath wheel' "
                  "builds it for another",
                  release(build::kTorchVersion), found, linked));
}

}  // namespace
}  // namespace atheria::pyhost

PYBIND11_MODULE(atheria_core, module) {
  namespace py = pybind11;
  using namespace atheria::pyhost;
  module.doc() = "Atheria's engine in this process. `import atheria` has the names to use.";
  check_torch();
  set_door(&own_door());
  bind(module, "core");
  python_begins();
  // Worlds end before Python does: their threads would meet a process that takes itself apart.
  py::module_::import("atexit").attr("register")(py::cpp_function([] {
    python_ends();
    unlocked([] { close_own_door(); });
  }));
}
