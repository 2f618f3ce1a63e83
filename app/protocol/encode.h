#pragma once

#include <memory>
#include <span>
#include <vector>

#include "app/protocol/header.h"
#include "app/protocol/quantise.h"
#include "engine/run/frame.h"

namespace atheria::wire {

// One binary message but for what differs between subscribers; its payload is shared by all of
// them.
struct Part {
  PartHeader header;  // sub, seq and base_seq are 0, GAP is not set
  std::shared_ptr<const std::vector<std::uint8_t>> payload;
};

// A frame encoded once, for everyone who has the same base.
struct EncodedFrame {
  std::vector<Part> parts = {};  // at least one
  bool key = true;
  std::size_t bytes = 0;  // of all messages, headers included
};

struct EncodeOptions {
  Codec codec = Codec::lz4;
  bool crc = false;
  std::size_t part_limit = kPartLimit;  // tests make it small
};

// KEY without a base, or with one that `frame` cannot follow; else a difference to it, unchanged
// bands left out. Any thread.
EncodedFrame encode(const Quantised& frame, const EncodeOptions& options,
                    const Quantised* base = nullptr);

// Rows of step, time and values: one SERIES message, or several when they do not fit into one. All
// samples have equally many values; there is at least one sample.
std::vector<Part> encode_series(std::span<const Sample> samples, bool crc = false);

// The 80 bytes for one subscriber.
struct Stamp {
  std::uint32_t sub = 0;
  std::uint32_t seq = 0;
  std::uint32_t base_seq = 0;  // ignored with KEY
  bool gap = false;
};
HeaderBytes stamped(const PartHeader& header, const Stamp& stamp);

}  // namespace atheria::wire
