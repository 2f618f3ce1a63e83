#pragma once

#include <torch/types.h>

namespace atheria::pyhost {

// Another tensor over the same memory, which it keeps alive. For Python when `tensor` is the
// engine's. Shares neither TensorImpl nor StorageImpl.
at::Tensor alias_of(const at::Tensor& tensor);

}  // namespace atheria::pyhost
