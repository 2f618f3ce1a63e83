#include "engine/field/field.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>

#include "engine/base/error.h"
#include "engine/base/pool.h"

namespace atheria {
namespace {

at::ScalarType storage_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return at::kFloat;
    case Dtype::f64:
      return at::kDouble;
    case Dtype::bits:
      return at::kLong;
  }
  throw Error(ErrorKind::internal, "no such dtype");
}

// 1, 2, 4 ... 2^63 (as the bit pattern of int64), to spread a word over 64 cells.
at::Tensor bit_values(at::Device device) {
  return at::bitwise_left_shift(at::ones({64}, at::TensorOptions(at::kLong).device(device)),
                                at::arange(64, at::TensorOptions(at::kLong).device(device)));
}

}  // namespace

Field::Field(GridSpec grid, int channels, Dtype dtype, at::Device device)
    : grid_(grid), channels_(channels), dtype_(dtype) {
  check_grid(grid);
  const auto columns = dtype == Dtype::bits ? words() : grid.width;
  planes_ = at::zeros({channels, grid.depth, grid.height, columns},
                      at::TensorOptions(storage_of(dtype)).device(device));
}

at::Tensor Field::dense() const {
  if (dtype_ != Dtype::bits) return planes_;
  const auto spread = planes_.unsqueeze(-1).bitwise_and(bit_values(device())).ne(0);
  return spread.flatten(3).slice(3, 0, grid_.width).to(at::kByte);
}

void Field::set_dense(const at::Tensor& dense) {
  const std::vector<std::int64_t> want{channels_, grid_.depth, grid_.height, grid_.width};
  if (dense.sizes() != at::IntArrayRef(want))
    throw Error(fmt::format("the field needs shape [{}], got [{}]", fmt::join(want, ", "),
                            fmt::join(dense.sizes(), ", ")));
  if (dtype_ != Dtype::bits) {
    planes_.copy_(dense);
    return;
  }
  const auto padding = words() * 64 - grid_.width;
  const auto cells = at::constant_pad_nd(dense.to(device()).ne(0).to(at::kLong), {0, padding});
  planes_.copy_(cells.unflatten(3, at::IntArrayRef{words(), 64}).mul(bit_values(device())).sum(-1));
}

double Field::value(int channel, int x, int y, int z) const {
  if (dtype_ != Dtype::bits) return planes_[channel][z][y][x].item<double>();
  const auto word = planes_[channel][z][y][x / 64].item<std::int64_t>();
  return static_cast<double>(static_cast<std::uint64_t>(word) >> (x % 64) & 1);
}

Field Field::clone() const {
  Field copy(*this);
  copy.planes_ = planes_.clone();
  return copy;
}

void Field::copy_from(const Field& other) { planes_.copy_(other.planes_); }

namespace {

// A number is NaN or infinite when its exponent is all ones. On the bits, so that the loop
// vectorises.
template <class Word, class Real>
bool finite_here(const at::Tensor& planes, Word exponent) {
  const auto* words = static_cast<const Word*>(planes.const_data_ptr());
  std::atomic<bool> bad{false};
  shared_pool().bands(planes.numel(), [&](std::int64_t begin, std::int64_t end) {
    int found = 0;
    for (auto i = begin; i < end; ++i) found |= (words[i] & exponent) == exponent;
    if (found) bad = true;
  });
  static_assert(sizeof(Word) == sizeof(Real));
  return !bad;
}

}  // namespace

bool all_finite(const Field& field) {
  const auto& planes = field.planes();
  if (field.dtype() == Dtype::bits) return true;
  if (!planes.is_cpu()) return planes.isfinite().all().item<bool>();
  return field.dtype() == Dtype::f32
             ? finite_here<std::uint32_t, float>(planes, 0x7F800000U)
             : finite_here<std::uint64_t, double>(planes, 0x7FF0000000000000ULL);
}

}  // namespace atheria
