#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/protocol/args.h"
#include "app/protocol/stream_types.h"
#include "engine/run/command.h"
#include "engine/run/field_bytes.h"

// The ops of PROTOCOL.md section 11, by which a program takes part in worlds as code in the server
// does: their arguments and what they are told. Readers throw Error (bad_args) with the path of the
// argument that is wrong.
namespace atheria::wire {

// The number under which a connection holds something, of its own choice: 1..2^31-1.
std::uint32_t number_of(const Args& args, std::string_view name);

std::uint64_t wait_of(const Args& args, std::uint64_t usual_ms = 0);  // milliseconds, 0..20000
std::string channel_of(const Args& args);                             // "*": all
std::string reason_of(const Args& args);

struct LeaseWish {
  std::uint32_t lease = 0;
  std::uint64_t wait_ms = 2000;
  std::uint64_t deadline_us = 30'000'000;
};
LeaseWish lease_wish_of(const Args& args);

// lease.step: 0 ends those under way.
std::uint32_t parked_steps_of(const Args& args);

// Numbers that come as an upload.
struct Upload {
  std::uint32_t upload = 0;
  std::string descr;                // NumPy's
  std::vector<std::int64_t> shape;  // at most four sides
};
Upload upload_of(const Args& args);

enum class Keep { latest, all };
struct LookWish {
  std::uint32_t look = 0;
  std::uint32_t every = 1;
  std::vector<std::string> channels;  // empty: all
  Keep keep = Keep::latest;
  std::size_t most = 8;
  bool pauses = false;  // when full: pauses the world, else drops the oldest
};
LookWish look_wish_of(const Args& args);

struct HookWish {
  std::uint32_t hook = 0;
  std::uint32_t every = 1;
  double budget_ms = 50;
};
HookWish hook_wish_of(const Args& args);

struct ForkWish {
  std::string name;  // empty: the parent's with a number
  bool keep = false;
};
ForkWish fork_wish_of(const Args& args);

// stream.put, but for its numbers.
struct PictureWish {
  std::string stream;
  StreamShape shape;
  std::uint32_t upload = 0;
};
PictureWish picture_wish_of(const Args& args);
std::string stream_of(const Args& args);

struct Progress {
  std::string job, text;
  double fraction = 0;
};
Progress progress_of(const Args& args);

// {"step","time","channels","shape","dtype"}
json::object standing_json(const Standing& standing);
// {"shape","dtype","bytes"}
json::object numbers_json(const FieldCopy& field);
json::object stream_json(const StreamInfo& stream);

}  // namespace atheria::wire
