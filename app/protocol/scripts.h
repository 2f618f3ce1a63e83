#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/protocol/args.h"
#include "app/protocol/script_types.h"

// The script ops of PROTOCOL.md section 9: their arguments, and jobs and health as JSON. What reads
// arguments throws Error (bad_args, too_large) with the path of the one that is wrong.
namespace atheria::wire {

// script.run; the owner is left to the caller.
ScriptSpec script_spec_of(const Args& args);

struct CancelWish {
  std::string job, reason;
  bool force = false;
};
CancelWish cancel_of(const Args& args);

struct OutputWish {
  std::string job;
  std::uint64_t from = 0;
  std::size_t max = 65536;                // bytes of text
  std::uint64_t wait_ms = 0;              // 0..20000
  std::optional<std::uint64_t> revision;  // what the client has seen; none: as it is now
};
OutputWish output_of(const Args& args);

struct InputLine {
  std::string job;
  std::optional<std::string> line;  // none: the end of it
};
InputLine input_of(const Args& args);

std::string job_of(const Args& args);

// Valid UTF-8 of at most `longest` (3 or more) bytes: what is not becomes U+FFFD, what is too long ends in
// "...".
std::string clean_text(std::string_view text, std::size_t longest = std::string::npos);

// How much of a job or of Python's health somebody is told.
enum class Detail {
  open,   // who may only look: names and states
  brief,  // an event: what fits many times into a queue
  full,
};
json::object job_json(const ScriptStatus& status, Detail detail);
json::object python_json(const PythonHealth& health, Detail detail);

// The result of script.output.
json::object output_json(const std::vector<ScriptChunk>& chunks, std::uint64_t from,
                         const ScriptStatus& status, std::uint64_t revision);

}  // namespace atheria::wire
