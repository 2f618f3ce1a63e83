#include "app/protocol/decode.h"

#include <fmt/format.h>
#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "app/protocol/crc32c.h"
#include "app/protocol/filter.h"
#include "app/protocol/half.h"
#include "engine/base/error.h"

namespace atheria::wire {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw Error(what);
}

bool is_delta(const PartHeader& header) {
  return header.filter == Filter::delta || header.filter == Filter::delta_shuffle;
}

std::vector<std::uint8_t> decompress(const PartHeader& header,
                                     std::span<const std::uint8_t> payload) {
  std::vector<std::uint8_t> out(header.decoded);
  if (header.codec == Codec::raw) {
    require(payload.size() == out.size(), "a raw payload has exactly the decoded length");
    std::copy(payload.begin(), payload.end(), out.begin());
    return out;
  }
  require(payload.size() <= kPayloadLimit, "a payload fits into a part");
  const int size = LZ4_decompress_safe(
      reinterpret_cast<const char*>(payload.data()), reinterpret_cast<char*>(out.data()),
      static_cast<int>(payload.size()), static_cast<int>(out.size()));
  require(size >= 0 && static_cast<std::size_t>(size) == out.size(),
          "an LZ4 block decodes to exactly the decoded length");
  return out;
}

// What a KEY frame sets for those that follow.
bool same_kind(const PartHeader& a, const DecodedFrame& b) {
  return a.lod == b.lod && a.dtype == b.dtype && a.channels == b.channels && a.scale == b.scale &&
         a.offset == b.offset;
}

bool same_frame(const PartHeader& a, const PartHeader& b) {
  constexpr auto shared = flag::key | flag::gap | flag::still;
  return a.kind == b.kind && a.seq == b.seq && a.base_seq == b.base_seq && a.sub == b.sub &&
         a.parts == b.parts && a.lod == b.lod && a.dtype == b.dtype && a.channels == b.channels &&
         a.scale == b.scale && a.offset == b.offset && a.step == b.step && a.time == b.time &&
         (a.flags & shared) == (b.flags & shared);
}

double value(const DecodedFrame& frame, std::size_t index) {
  const std::uint8_t* const at = frame.bytes.data() + index * size_of(frame.dtype);
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto mapped = [&](double code) { return frame.offset + frame.scale * code; };
  const auto read = [at](auto number) {
    std::memcpy(&number, at, sizeof number);
    return number;
  };
  switch (frame.dtype) {
    case Dtype::u8n:
      return *at == kNanU8 ? nan : mapped(*at);
    case Dtype::u16n: {
      const auto code = read(std::uint16_t{});
      return code == kNanU16 ? nan : mapped(code);
    }
    case Dtype::f16:
      return mapped(from_half(read(std::uint16_t{})));
    case Dtype::f32:
      return mapped(read(float{}));
    case Dtype::i8:
      return mapped(static_cast<std::int8_t>(*at));
    case Dtype::f64:
      return read(double{});
  }
  return nan;
}

}  // namespace

std::vector<double> DecodedFrame::values() const {
  std::vector<double> out(count());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = value(*this, i);
  return out;
}

std::vector<std::uint8_t> decode_payload(const PartHeader& header,
                                         std::span<const std::uint8_t> payload) {
  if (header.has(flag::crc)) require(crc32c(payload) == header.crc, "the payload's CRC differs");
  std::vector<std::uint8_t> bytes = decompress(header, payload);
  if (header.filter < Filter::shuffle) return bytes;
  std::vector<std::uint8_t> out(bytes.size());
  unshuffle(bytes, size_of(header.dtype), out);
  return out;
}

std::optional<DecodedFrame> FrameDecoder::add(std::span<const std::uint8_t> message) {
  try {
    const PartHeader header = decode_header(message);
    require(header.part == pieces_.size(), "parts of a frame come in order, from 0");
    require(pieces_.empty() || same_frame(header, pieces_.front().header),
            "the parts of a frame agree on it");
    pieces_.push_back({header, decode_payload(header, message.subspan(payload_at(message)))});
    if (!header.has(flag::last_part)) return std::nullopt;
    DecodedFrame frame = assemble();
    pieces_.clear();
    if (header.kind == Kind::field) base_ = frame;
    return frame;
  } catch (const Error&) {
    pieces_.clear();
    throw;
  }
}

DecodedFrame FrameDecoder::assemble() {
  const PartHeader& h = pieces_.front().header;
  DecodedFrame frame;
  if (h.has(flag::key)) {
    start_key(frame);
  } else {
    require(base_ && base_->seq == h.base_seq, "a difference is to the newest complete frame");
    require(same_kind(h, *base_), "a difference has its base's lod, type and range");
    frame = *base_;
  }
  frame.sub = h.sub, frame.seq = h.seq, frame.step = h.step, frame.time = h.time;
  frame.clock_us = h.clock_us, frame.z = h.z;
  frame.key = h.has(flag::key), frame.gap = h.has(flag::gap), frame.still = h.has(flag::still);
  for (const Piece& piece : pieces_) paste(frame, piece);
  return frame;
}

// The size of a KEY frame is that of its parts together, which must cover it.
void FrameDecoder::start_key(DecodedFrame& frame) const {
  const PartHeader& h = pieces_.front().header;
  std::size_t bytes = 0;
  for (const Piece& piece : pieces_) {
    frame.width = std::max(frame.width, piece.header.x + piece.header.w);
    frame.height = std::max(frame.height, piece.header.y + piece.header.h);
    bytes += piece.bytes.size();
  }
  frame.lod = h.lod, frame.dtype = h.dtype, frame.channels = h.channels;
  frame.scale = h.scale, frame.offset = h.offset;
  const std::size_t area = std::size_t(frame.width) * frame.height;
  require(bytes == area * frame.channels * size_of(frame.dtype), "a KEY frame covers the picture");
  frame.bytes.resize(bytes);
}

void FrameDecoder::paste(DecodedFrame& frame, const Piece& piece) const {
  const PartHeader& h = piece.header;
  require(h.x + h.w <= frame.width && h.y + h.h <= frame.height, "parts lie within the picture");
  const std::size_t size = size_of(frame.dtype);
  const std::size_t row = h.w * size;
  const std::uint8_t* from = piece.bytes.data();
  for (int channel = 0; channel < frame.channels; ++channel) {
    for (int y = h.y; y < h.y + h.h; ++y, from += row) {
      const std::size_t at = ((std::size_t(channel) * frame.height + y) * frame.width + h.x) * size;
      const std::span<std::uint8_t> to(frame.bytes.data() + at, row);
      const std::span<const std::uint8_t> texels(from, row);
      if (!is_delta(h))
        std::copy(texels.begin(), texels.end(), to.begin());
      else if (frame.dtype == Dtype::u8n)
        add_u8(to, texels);
      else
        add_u16(to, texels);
    }
  }
}

}  // namespace atheria::wire
