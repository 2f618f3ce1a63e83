#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "app/protocol/header.h"

// The reading side of binary messages: for tests and for clients in C++. Bytes come from outside:
// everything is checked, and memory stays within a few times what was received or kept.
namespace atheria::wire {

struct DecodedFrame {
  std::uint32_t sub = 0, seq = 0;
  std::uint64_t step = 0;
  double time = 0;
  std::uint64_t clock_us = 0;
  bool key = false, gap = false, still = false;
  int lod = 0, z = 0;
  int width = 0, height = 0, channels = 1;  // texels
  Dtype dtype = Dtype::u8n;
  float scale = 1, offset = 0;
  std::vector<std::uint8_t> bytes;  // planar codes, little-endian

  std::size_t count() const { return bytes.size() / size_of(dtype); }
  std::vector<double> values() const;  // offset + scale * code; NaN for the NaN codes
};

// The texels of one part as sent: codec and shuffle undone, delta not. Throws Error.
std::vector<std::uint8_t> decode_payload(const PartHeader& header,
                                         std::span<const std::uint8_t> payload);

// Puts the parts of one subscription together. Not thread-safe.
class FrameDecoder {
 public:
  // A whole binary message. Returns the frame when this was its last part. Throws Error on anything
  // wrong; what was known before is kept, and the next KEY frame starts anew.
  std::optional<DecodedFrame> add(std::span<const std::uint8_t> message);

 private:
  struct Piece {
    PartHeader header;
    std::vector<std::uint8_t> bytes;
  };
  DecodedFrame assemble();
  void start_key(DecodedFrame& frame) const;
  void paste(DecodedFrame& frame, const Piece& piece) const;

  std::vector<Piece> pieces_;         // of the frame being received
  std::optional<DecodedFrame> base_;  // the newest complete one
};

}  // namespace atheria::wire
