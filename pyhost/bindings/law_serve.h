#pragma once

#include <Python.h>
#include <torch/types.h>

#include <cstdint>

#include "engine/law/params.h"

namespace atheria::pyhost {

// Python's thread, with the GIL, which it lets go of while it waits: answers LawCalls. For ever.
[[noreturn]] void serve_laws();

// With the GIL: runs the step and says what came of it. `psi` is planes [c,d,h,w], Python gets them
// without the depth of a field that has none. Throws Error when the step breaks its contract: a
// tensor of the same shape and dtype, and what it was given left as it was.
at::Tensor run_step(PyObject* step, const at::Tensor& psi, std::uint64_t t, const ParamMap& params,
                    bool is_3d);

}  // namespace atheria::pyhost
