#pragma once

#include <cstdint>
#include <string>

#include "app/protocol/args.h"
#include "app/protocol/header.h"
#include "app/protocol/range.h"
#include "app/protocol/stream_types.h"
#include "engine/view/view.h"

// Subscriptions as they are asked for: PROTOCOL.md section 5.
namespace atheria::wire {

enum class SubMode { latest, lossless, once };
enum class OnFull { gap, close, pause };

struct Subscribe {
  std::uint32_t sub = 0;
  std::string world;
  bool series = false;  // "WORLD/series": only sub, max_fps and window count
  SubMode mode = SubMode::latest;
  double max_fps = 60;  // series: 20
  std::uint32_t every = 1;
  ViewSpec view = {};
  Dtype dtype = Dtype::u8n;
  Codec codec = Codec::lz4;
  RangeWish range = {};
  int window = 3;
  bool crc = false;
  OnFull on_full = OnFull::gap;

  // "stream/NAME": then view.name is the stream's.
  bool of_stream() const { return world == kStreamTopics; }
  std::string topic() const { return world + "/" + (series ? "series" : view.name); }
};

// sub. Throws Error (bad_args, unsupported).
Subscribe subscribe_of(const Args& args);

// sub.update: `now` with what the arguments change; topic and mode cannot. All or nothing.
Subscribe updated(const Subscribe& now, const Args& args);

std::uint32_t sub_of(const Args& args);

std::string_view to_string(Dtype dtype);  // "u8", "u16", "f16", "f32"
std::string_view to_string(Codec codec);  // "raw", "lz4"

}  // namespace atheria::wire
