#include "pyhost/bindings/module.h"

#include "atheria_build.h"
#include "engine/run/engine.h"
#include "pyhost/bindings/errors.h"

namespace atheria::pyhost {

void bind(pybind11::module_& module, const std::string& where) {
  module.attr("__version__") = build::kVersion;
  module.attr("__torch_version__") = engine_facts().torch;
  module.attr("where") = where;
  bind_errors(module);
  bind_requests(module);
  bind_fields(module);
  bind_leases(module);
  bind_observers(module);
  bind_hooks(module);
  bind_laws(module);
  bind_streams(module);
}

}  // namespace atheria::pyhost
