#include "app/protocol/filter.h"

#include <cstring>

// Loops without branches over plain pointers: the compiler turns them into vector code.
namespace atheria::wire {
namespace {

// Elements lie in byte buffers of any alignment.
std::uint16_t load(const std::uint8_t* bytes, std::size_t index) {
  std::uint16_t value;
  std::memcpy(&value, bytes + 2 * index, 2);
  return value;
}

void store(std::uint8_t* bytes, std::size_t index, std::uint16_t value) {
  std::memcpy(bytes + 2 * index, &value, 2);
}

}  // namespace

void subtract_u8(std::span<const std::uint8_t> now, std::span<const std::uint8_t> base,
                 std::span<std::uint8_t> out) {
  const std::uint8_t* const a = now.data();
  const std::uint8_t* const b = base.data();
  std::uint8_t* __restrict const to = out.data();
  for (std::size_t i = 0; i < out.size(); ++i) to[i] = static_cast<std::uint8_t>(a[i] - b[i]);
}

void subtract_u16(std::span<const std::uint8_t> now, std::span<const std::uint8_t> base,
                  std::span<std::uint8_t> out) {
  const std::uint8_t* const a = now.data();
  const std::uint8_t* const b = base.data();
  std::uint8_t* __restrict const to = out.data();
  for (std::size_t i = 0; i < out.size() / 2; ++i)
    store(to, i, static_cast<std::uint16_t>(load(a, i) - load(b, i)));
}

void add_u8(std::span<std::uint8_t> base, std::span<const std::uint8_t> difference) {
  std::uint8_t* __restrict const to = base.data();
  const std::uint8_t* const from = difference.data();
  for (std::size_t i = 0; i < base.size(); ++i) to[i] = static_cast<std::uint8_t>(to[i] + from[i]);
}

void add_u16(std::span<std::uint8_t> base, std::span<const std::uint8_t> difference) {
  std::uint8_t* __restrict const to = base.data();
  const std::uint8_t* const from = difference.data();
  for (std::size_t i = 0; i < base.size() / 2; ++i)
    store(to, i, static_cast<std::uint16_t>(load(to, i) + load(from, i)));
}

void shuffle(std::span<const std::uint8_t> elements, std::size_t size,
             std::span<std::uint8_t> out) {
  const std::size_t count = elements.size() / size;
  const std::uint8_t* const from = elements.data();
  for (std::size_t byte = 0; byte < size; ++byte) {
    std::uint8_t* __restrict const plane = out.data() + byte * count;
    if (size == 2) {
      for (std::size_t i = 0; i < count; ++i) plane[i] = from[2 * i + byte];
    } else if (size == 4) {
      for (std::size_t i = 0; i < count; ++i) plane[i] = from[4 * i + byte];
    } else {
      for (std::size_t i = 0; i < count; ++i) plane[i] = from[size * i + byte];
    }
  }
}

void unshuffle(std::span<const std::uint8_t> planes, std::size_t size,
               std::span<std::uint8_t> out) {
  const std::size_t count = planes.size() / size;
  for (std::size_t byte = 0; byte < size; ++byte) {
    const std::uint8_t* const plane = planes.data() + byte * count;
    std::uint8_t* __restrict const to = out.data() + byte;
    for (std::size_t i = 0; i < count; ++i) to[size * i] = plane[i];
  }
}

}  // namespace atheria::wire
