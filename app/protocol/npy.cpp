#include "app/protocol/npy.h"

#include <fmt/format.h>

namespace atheria::wire {

std::string npy_header(const FieldCopy& field) {
  std::string shape;
  std::size_t cells = 1;
  for (const std::int64_t side : field.shape) {
    shape += fmt::format("{}, ", side);
    cells *= static_cast<std::size_t>(side);
  }
  const std::size_t size = static_cast<std::size_t>(field.descr.back() - '0');
  if (cells * size != field.bytes.size())
    throw Error(ErrorKind::internal,
                fmt::format("{} bytes are not ({}) of {}", field.bytes.size(), shape, field.descr));
  // Python writes (2,) and (2, 3).
  shape.resize(shape.size() - (field.shape.size() == 1 ? 1 : 2));
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", field.descr, shape);
  constexpr std::size_t before = 10;  // magic, version, length
  const std::size_t padded = (before + text.size() + 1 + 63) / 64 * 64;
  text.append(padded - before - text.size() - 1, ' ');
  text += '\n';
  std::string out = "\x93NUMPY";
  out += '\x01';
  out += '\x00';
  out += static_cast<char>(text.size() & 255);
  out += static_cast<char>(text.size() >> 8);
  return out + text;
}

}  // namespace atheria::wire
