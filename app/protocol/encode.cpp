#include "app/protocol/encode.h"

#include <fmt/format.h>
#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "app/protocol/crc32c.h"
#include "app/protocol/filter.h"
#include "engine/base/error.h"

namespace atheria::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A band of rows: where its texels lie in the planes of a picture.
struct Band {
  int y = 0, h = 0;
};

std::vector<Band> bands_of(const Quantised& frame, std::size_t part_limit) {
  const std::size_t row = std::size_t(frame.width) * frame.channels * size_of(frame.dtype);
  const std::size_t room = std::min(part_limit, kPartLimit) - kHeaderSize;
  const int most = static_cast<int>(std::min<std::size_t>(room / row, frame.height));
  if (most < 1)
    throw Error(ErrorKind::too_large,
                fmt::format("a row of {} bytes does not fit into a part of {}", row, room));
  const int count = (frame.height + most - 1) / most;
  const int rows = (frame.height + count - 1) / count;  // as even as it goes
  std::vector<Band> bands;
  for (int y = 0; y < frame.height; y += rows)
    bands.push_back({y, std::min(rows, frame.height - y)});
  return bands;
}

std::span<const std::uint8_t> plane_rows(const Quantised& frame, Band band, int channel) {
  const std::size_t row = std::size_t(frame.width) * size_of(frame.dtype);
  const std::size_t first = std::size_t(channel) * frame.height + band.y;
  return {frame.bytes.data() + first * row, band.h * row};
}

Bytes gather(const Quantised& frame, Band band) {
  Bytes out;
  for (int channel = 0; channel < frame.channels; ++channel) {
    const auto rows = plane_rows(frame, band, channel);
    out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

bool unchanged(const Quantised& frame, const Quantised& base, Band band) {
  for (int channel = 0; channel < frame.channels; ++channel) {
    const auto rows = plane_rows(frame, band, channel);
    if (std::memcmp(rows.data(), plane_rows(base, band, channel).data(), rows.size()) != 0)
      return false;
  }
  return true;
}

// LZ4's block, or nothing when it saves less than a tenth.
std::optional<Bytes> compress(const Bytes& bytes) {
  Bytes out(bytes.size() - bytes.size() / 10);
  const int size = LZ4_compress_default(
      reinterpret_cast<const char*>(bytes.data()), reinterpret_cast<char*>(out.data()),
      static_cast<int>(bytes.size()), static_cast<int>(out.size()));
  if (size <= 0 || out.size() == bytes.size()) return std::nullopt;
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<Bytes> compress_shuffled(const Bytes& bytes, Dtype dtype) {
  if (size_of(dtype) == 1) return compress(bytes);
  Bytes shuffled(bytes.size());
  shuffle(bytes, size_of(dtype), shuffled);
  return compress(shuffled);
}

Bytes difference(const Bytes& now, const Bytes& base, Dtype dtype) {
  Bytes out(now.size());
  if (dtype == Dtype::u8n)
    subtract_u8(now, base, out);
  else
    subtract_u16(now, base, out);
  return out;
}

// The best of: difference and LZ4, LZ4 alone, as it is.
Bytes encode_band(const Quantised& frame, const Quantised* base, Band band, Codec codec,
                  PartHeader& header) {
  Bytes plain = gather(frame, band);
  if (codec == Codec::raw) return plain;
  const bool wide = size_of(frame.dtype) > 1;
  header.codec = Codec::lz4;
  if (base != nullptr && frame.dtype <= Dtype::u16n) {
    header.filter = wide ? Filter::delta_shuffle : Filter::delta;
    const Bytes delta = difference(plain, gather(*base, band), frame.dtype);
    if (auto packed = compress_shuffled(delta, frame.dtype)) return *std::move(packed);
  }
  header.filter = wide ? Filter::shuffle : Filter::none;
  if (auto packed = compress_shuffled(plain, frame.dtype)) return *std::move(packed);
  header.codec = Codec::raw;
  header.filter = Filter::none;
  return plain;
}

PartHeader header_of(const Quantised& frame, bool key, Band band) {
  PartHeader h;
  h.flags = static_cast<std::uint8_t>((key ? flag::key : 0) | (frame.still ? flag::still : 0));
  h.step = frame.step;
  h.time = frame.time;
  h.clock_us = frame.made_us;
  h.dtype = frame.dtype;
  h.lod = static_cast<std::uint8_t>(frame.lod);
  h.y = static_cast<std::uint16_t>(band.y);
  h.w = static_cast<std::uint16_t>(frame.width);
  h.h = static_cast<std::uint16_t>(band.h);
  h.z = static_cast<std::uint16_t>(frame.z);
  h.channels = static_cast<std::uint8_t>(frame.channels);
  h.scale = frame.scale;
  h.offset = frame.offset;
  h.decoded = static_cast<std::uint32_t>(std::size_t(frame.width) * band.h * frame.channels *
                                         size_of(frame.dtype));
  return h;
}

Part finish(PartHeader header, Bytes payload, bool crc) {
  if (crc) {
    header.flags |= flag::crc;
    header.crc = crc32c(payload);
  }
  return {header, std::make_shared<const Bytes>(std::move(payload))};
}

void number(EncodedFrame& frame) {
  for (std::size_t i = 0; i < frame.parts.size(); ++i) {
    frame.parts[i].header.part = static_cast<std::uint16_t>(i);
    frame.parts[i].header.parts = static_cast<std::uint16_t>(frame.parts.size());
    frame.bytes += kHeaderSize + frame.parts[i].payload->size();
  }
  frame.parts.back().header.flags |= flag::last_part;
}

}  // namespace

EncodedFrame encode(const Quantised& frame, const EncodeOptions& options, const Quantised* base) {
  if (base != nullptr && !can_follow(*base, frame)) base = nullptr;
  EncodedFrame out{.key = base == nullptr};
  for (const Band band : bands_of(frame, options.part_limit)) {
    if (base != nullptr && unchanged(frame, *base, band)) continue;
    PartHeader header = header_of(frame, out.key, band);
    Bytes payload = encode_band(frame, base, band, options.codec, header);
    out.parts.push_back(finish(header, std::move(payload), options.crc));
  }
  if (out.parts.empty()) out.parts.push_back(finish(header_of(frame, false, {}), {}, options.crc));
  number(out);
  return out;
}

std::vector<Part> encode_series(std::span<const Sample> samples, bool crc) {
  const std::size_t columns = samples.front().values.size() + 2;
  const std::size_t most = kPayloadLimit / (columns * sizeof(double));
  std::vector<Part> parts;
  for (; !samples.empty(); samples = samples.subspan(std::min(most, samples.size()))) {
    const auto rows = samples.first(std::min(most, samples.size()));
    PartHeader h{.kind = Kind::series,
                 .flags = flag::key | flag::last_part,
                 .step = rows.back().step,
                 .time = rows.back().time,
                 .clock_us = rows.back().made_us,
                 .dtype = Dtype::f64,
                 .w = static_cast<std::uint16_t>(columns),
                 .h = static_cast<std::uint16_t>(rows.size())};
    std::vector<double> numbers;
    for (const Sample& row : rows) {
      numbers.push_back(static_cast<double>(row.step));
      numbers.push_back(row.time);
      numbers.insert(numbers.end(), row.values.begin(), row.values.end());
    }
    Bytes payload(numbers.size() * sizeof(double));
    std::memcpy(payload.data(), numbers.data(), payload.size());
    h.decoded = static_cast<std::uint32_t>(payload.size());
    parts.push_back(finish(h, std::move(payload), crc));
  }
  return parts;
}

HeaderBytes stamped(const PartHeader& header, const Stamp& stamp) {
  PartHeader h = header;
  h.sub = stamp.sub;
  h.seq = stamp.seq;
  h.base_seq = h.has(flag::key) ? 0 : stamp.base_seq;
  if (stamp.gap) h.flags |= flag::gap;
  return encode_header(h);
}

}  // namespace atheria::wire
