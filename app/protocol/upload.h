#pragma once

#include <cstdint>
#include <span>
#include <vector>

// Bytes on their way up, PROTOCOL.md section 6: each message carries a piece of one upload.
namespace atheria::wire {

constexpr std::uint8_t kUploadKind = 0x11;
constexpr std::size_t kUploadHeader = 24;
constexpr std::size_t kUploadLimit = 1024 * 1024;  // a message, header included

struct UploadPart {
  std::uint32_t upload = 0;  // chosen by the client
  std::uint64_t total = 0;   // bytes of the whole
  std::uint64_t offset = 0;  // of this piece
  std::span<const std::uint8_t> payload = {};
};

// Throws Error when it is none, or reaches beyond its own total.
UploadPart decode_upload(std::span<const std::uint8_t> message);

std::vector<std::uint8_t> encode_upload(const UploadPart& part);

}  // namespace atheria::wire
