#pragma once

#include <span>
#include <string_view>

namespace atheria::wire {

// An op of PROTOCOL.md section 4.
struct Op {
  std::string_view name;
  std::string_view role;  // the least that may: "viewer", "operator", "script", "admin"
  bool reserved = false;  // known, answered "unsupported"
};

std::span<const Op> ops();

// Null when there is none of that name.
const Op* find_op(std::string_view name);

}  // namespace atheria::wire
