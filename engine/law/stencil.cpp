#include "engine/law/stencil.h"

#include <ATen/ATen.h>

namespace atheria {

at::Tensor laplacian(const at::Tensor& planes) {
  const bool deep = planes.size(-3) > 1;
  auto sum = at::roll(planes, 1, -1) + at::roll(planes, -1, -1);  // left + right
  sum = sum + at::roll(planes, 1, -2);                            // up
  sum = sum + at::roll(planes, -1, -2);                           // down
  if (deep) {
    sum = sum + at::roll(planes, 1, -3);
    sum = sum + at::roll(planes, -1, -3);
  }
  return sum - (deep ? 6.0 : 4.0) * planes;
}

}  // namespace atheria
