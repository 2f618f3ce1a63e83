#include "pyhost/bindings/alias.h"

#include <ATen/ATen.h>

namespace atheria::pyhost {

at::Tensor alias_of(const at::Tensor& tensor) {
  return at::from_blob(
      tensor.data_ptr(), tensor.sizes(), tensor.strides(),
      [storage = tensor.storage()](void*) mutable { storage = {}; },
      tensor.options().requires_grad(false), tensor.device());
}

}  // namespace atheria::pyhost
