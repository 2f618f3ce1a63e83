#include "app/protocol/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "app/protocol/half.h"
#include "engine/base/error.h"

namespace atheria::wire {
namespace {

// Not by std::isfinite: this one becomes vector code.
bool finite(float value) {
  return (std::bit_cast<std::uint32_t>(value) & 0x7f800000u) != 0x7f800000u;
}

// Numbers become 0..top, the rest `nan`. Code has room for both.
template <class Code>
void to_codes(const std::vector<float>& values, float offset, float inverse, int top, int nan,
              std::uint8_t* __restrict to) {
  const float* const from = values.data();
  const std::size_t count = values.size();
  const float limit = static_cast<float>(top);
  for (std::size_t i = 0; i < count; ++i) {
    float level = (from[i] - offset) * inverse;
    level = level > 0 ? level : 0;  // NaN too
    level = level < limit ? level : limit;
    int code = static_cast<int>(level + 0.5f);
    code = finite(from[i]) ? code : nan;
    const Code narrow = static_cast<Code>(code);
    std::memcpy(to + i * sizeof(Code), &narrow, sizeof(Code));
  }
}

void quantise_to(Quantised& out, const Picture& picture, Range range, int top, int nan) {
  const double scale = (static_cast<double>(range.hi) - range.lo) / top;
  out.scale = static_cast<float>(scale);
  out.offset = range.lo;
  const float inverse = static_cast<float>(1 / scale);
  if (out.dtype == Dtype::u8n)
    to_codes<std::uint8_t>(picture.values, range.lo, inverse, top, nan, out.bytes.data());
  else
    to_codes<std::uint16_t>(picture.values, range.lo, inverse, top, nan, out.bytes.data());
}

// A power of two, so that scaling loses nothing and rarely changes; the largest magnitude lands in
// [2^14, 2^15], which leaves 29 binades below it at full precision.
float half_scale(const Picture& picture) {
  const float largest = std::max(std::abs(picture.lo), std::abs(picture.hi));
  if (!(largest > 0) || !std::isfinite(largest)) return 1;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0f, std::max(exponent - 15, -126));
}

void to_halves(Quantised& out, const Picture& picture) {
  out.scale = half_scale(picture);
  const float inverse = 1 / out.scale;
  const float* const from = picture.values.data();
  const std::size_t count = picture.values.size();
  std::uint8_t* __restrict const to = out.bytes.data();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t half = to_half(from[i] * inverse);
    std::memcpy(to + 2 * i, &half, 2);
  }
}

void check(const Picture& picture) {
  const auto side = [](int texels) { return texels >= 1 && texels < 65535; };
  const bool sides = side(picture.width) && side(picture.height);
  if (!sides || picture.channels < 1 || picture.channels > 255 ||
      picture.values.size() != std::size_t(picture.width) * picture.height * picture.channels)
    throw Error(
        ErrorKind::internal,
        fmt::format("a picture of {} values cannot be {} x {} texels in {} channels",
                    picture.values.size(), picture.width, picture.height, picture.channels));
}

}  // namespace

Quantised quantise(const Frame& frame, Dtype dtype, Range range) {
  const Picture& picture = frame.picture;
  check(picture);
  Quantised out{.step = frame.step,
                .time = frame.time,
                .made_us = frame.made_us,
                .still = frame.still,
                .lod = picture.lod,
                .roi = picture.roi,
                .width = picture.width,
                .height = picture.height,
                .channels = picture.channels,
                .z = picture.layer,
                .dtype = dtype};
  out.bytes.resize(picture.values.size() * size_of(dtype));
  switch (dtype) {
    case Dtype::u8n:
      quantise_to(out, picture, range, kNanU8 - 1, kNanU8);
      break;
    case Dtype::u16n:
      quantise_to(out, picture, range, kNanU16 - 1, kNanU16);
      break;
    case Dtype::f16:
      to_halves(out, picture);
      break;
    case Dtype::f32:
      std::memcpy(out.bytes.data(), picture.values.data(), out.bytes.size());
      break;
    default:
      throw Error(ErrorKind::unsupported, "pictures travel as u8, u16, f16 or f32");
  }
  return out;
}

bool can_follow(const Quantised& base, const Quantised& next) {
  return base.width == next.width && base.height == next.height && base.channels == next.channels &&
         base.lod == next.lod && base.roi == next.roi && base.z == next.z &&
         base.dtype == next.dtype && base.scale == next.scale && base.offset == next.offset;
}

float value_at(const Quantised& picture, std::size_t index) {
  const std::uint8_t* const at = picture.bytes.data() + index * size_of(picture.dtype);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  std::uint16_t word = 0;
  float number = 0;
  switch (picture.dtype) {
    case Dtype::u8n:
      return *at == kNanU8 ? nan : picture.offset + picture.scale * *at;
    case Dtype::u16n:
      std::memcpy(&word, at, 2);
      return word == kNanU16 ? nan : picture.offset + picture.scale * word;
    case Dtype::f16:
      std::memcpy(&word, at, 2);
      return picture.offset + picture.scale * from_half(word);
    default:
      std::memcpy(&number, at, 4);
      return picture.offset + picture.scale * number;
  }
}

}  // namespace atheria::wire
