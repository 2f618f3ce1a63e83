#include "engine/law/spectral.h"

#include <ATen/ATen.h>

#include <numbers>
#include <vector>

namespace atheria {
namespace {

std::int64_t length_of(const GridSpec& grid, int axis) {
  return axis == 0 ? grid.width : axis == 1 ? grid.height : grid.depth;
}

at::Tensor along_axis(const at::Tensor& line, int axis) {
  std::vector<std::int64_t> shape(3, 1);
  shape[static_cast<std::size_t>(2 - axis)] = line.numel();
  return line.view(shape);
}

}  // namespace

at::Tensor forward(at::Tensor psi, const GridSpec& grid) {
  psi = at::fft_fft(at::fft_fft(psi, std::nullopt, -1), std::nullopt, -2);
  return grid.is_3d() ? at::fft_fft(psi, std::nullopt, -3) : psi;
}

at::Tensor inverse(at::Tensor modes, const GridSpec& grid) {
  if (grid.is_3d()) modes = at::fft_ifft(modes, std::nullopt, -3);
  return at::fft_ifft(at::fft_ifft(modes, std::nullopt, -2), std::nullopt, -1);
}

at::Tensor forward_real(const at::Tensor& planes, const GridSpec& grid) {
  const auto modes = at::fft_rfft2(planes);
  return grid.is_3d() ? at::fft_fft(modes, std::nullopt, -3) : modes;
}

at::Tensor inverse_real(at::Tensor modes, const GridSpec& grid) {
  if (grid.is_3d()) modes = at::fft_ifft(modes, std::nullopt, -3);
  return at::fft_irfft2(modes, at::IntArrayRef{grid.height, grid.width});
}

at::Tensor wave_number(const GridSpec& grid, int axis) {
  const auto n = length_of(grid, axis);
  return along_axis(at::fft_fftfreq(n, 1.0, at::kDouble) * (2 * std::numbers::pi), axis);
}

at::Tensor wave_number_squared(const GridSpec& grid) {
  auto sum = wave_number(grid, 0).square() + wave_number(grid, 1).square();
  return sum + wave_number(grid, 2).square();
}

at::Tensor position(const GridSpec& grid, int axis) {
  const auto n = length_of(grid, axis);
  return along_axis(at::arange(n, at::kDouble) - static_cast<double>(n / 2), axis);
}

at::Tensor unit_phase(const at::Tensor& angle) {
  return at::complex(at::cos(angle), at::sin(angle));
}

at::ScalarType complex_type(Dtype dtype) {
  return dtype == Dtype::f64 ? at::kComplexDouble : at::kComplexFloat;
}

at::Tensor to_complex(const at::Tensor& planes) { return at::complex(planes[0], planes[1]); }

at::Tensor to_planes(const at::Tensor& psi) { return at::stack({at::real(psi), at::imag(psi)}); }

}  // namespace atheria
