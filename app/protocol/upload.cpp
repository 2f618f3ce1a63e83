#include "app/protocol/upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

template <class Number>
Number get(std::span<const std::uint8_t> from, std::size_t at) {
  Number number;
  std::memcpy(&number, from.data() + at, sizeof number);
  return number;
}

template <class Number>
void put(std::vector<std::uint8_t>& to, std::size_t at, Number number) {
  std::memcpy(to.data() + at, &number, sizeof number);
}

}  // namespace

UploadPart decode_upload(std::span<const std::uint8_t> message) {
  if (message.size() < kUploadHeader || message.size() > kUploadLimit)
    throw Error(fmt::format("a part of an upload has {}..{} bytes; this message has {}",
                            kUploadHeader, kUploadLimit, message.size()));
  if (message[0] != kUploadKind || message[1] != 0 ||
      get<std::uint16_t>(message, 2) != kUploadHeader)
    throw Error(fmt::format(
        "a part of an upload begins with 0x11 0x00 0x18 0x00; this begins with {:#04x} {:#04x}",
        message[0], message[1]));
  const UploadPart part{get<std::uint32_t>(message, 4), get<std::uint64_t>(message, 8),
                        get<std::uint64_t>(message, 16), message.subspan(kUploadHeader)};
  if (part.offset > part.total || part.payload.size() > part.total - part.offset)
    throw Error(fmt::format("upload {} has {} bytes; this part reaches to {} + {}", part.upload,
                            part.total, part.offset, part.payload.size()));
  return part;
}

std::vector<std::uint8_t> encode_upload(const UploadPart& part) {
  std::vector<std::uint8_t> message(kUploadHeader + part.payload.size());
  message[0] = kUploadKind;
  put(message, 2, static_cast<std::uint16_t>(kUploadHeader));
  put(message, 4, part.upload);
  put(message, 8, part.total);
  put(message, 16, part.offset);
  std::ranges::copy(part.payload, message.begin() + kUploadHeader);  // may be empty
  return message;
}

}  // namespace atheria::wire
