#include "app/protocol/scripts.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kMostArguments = 256;
constexpr std::size_t kLongestArgument = 8192;
constexpr std::size_t kLongestLine = 60 * 1024;
constexpr std::size_t kLongestReason = 256;
constexpr std::int64_t kLongestDeadline = 7LL * 24 * 3600 * 1000;  // milliseconds
constexpr std::int64_t kLongestGrace = 3600 * 1000;
constexpr std::int64_t kMostOutput = 256 * 1024;
constexpr std::int64_t kLongestWait = 20000;

constexpr std::size_t kBriefText = 1024;
constexpr std::size_t kBriefItems = 8;
constexpr std::size_t kFullText = 64 * 1024;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 32 || c == 127; });
}

// Text that goes into a log line or names a file.
std::string plain(const Args& args, std::string_view name, std::size_t longest) {
  auto text = args.text(name, longest).value_or("");
  if (has_control(text)) args.wrong(name, "text without control characters");
  return text;
}

std::string source_of(const Args& args) {
  auto source = args.text("source", std::string::npos);
  if (!source) args.missing("source", "the script's text");
  if (source->size() > kLargestSource)
    throw Error(ErrorKind::too_large,
                fmt::format("the script has {} bytes; at most {} can be run", source->size(),
                            kLargestSource),
                args.path_of("source"));
  return std::move(*source);
}

std::vector<std::string> argv_of(const Args& args) {
  const json::array* const items = args.array("argv");
  if (items == nullptr) return {};
  const std::string rule = fmt::format("an array of at most {} texts of at most {} bytes",
                                       kMostArguments, kLongestArgument);
  if (items->size() > kMostArguments) args.wrong("argv", rule);
  std::vector<std::string> argv;
  for (const json::value& item : *items) {
    if (!item.is_string() || item.get_string().size() > kLongestArgument ||
        item.get_string().find('\0') != json::string::npos)
      args.wrong("argv", rule);
    argv.emplace_back(item.get_string());
  }
  return argv;
}

std::string base_name(const std::string& path) {
  std::string name = clean_text(path.substr(path.find_last_of('/') + 1), kLongestName);
  return name.empty() ? "script" : name;
}

std::chrono::milliseconds milliseconds(const Args& args, std::string_view name,
                                       std::int64_t longest, std::int64_t usual) {
  return std::chrono::milliseconds(args.integer(name, 0, longest).value_or(usual));
}

// How many bytes of `text` from `at` on are one character, or 0 when they are none.
std::size_t character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(at), second = byte(at + 1);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  // Overlong forms, surrogates and what lies beyond U+10FFFF are no characters.
  if (first < 0xc2 || first > 0xf4 || (first == 0xe0 && second < 0xa0) ||
      (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
      (first == 0xf4 && second > 0x8f))
    return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  return size;
}

json::array texts_json(const std::vector<std::string>& texts, std::size_t most,
                       std::size_t longest) {
  json::array out;
  for (const std::string& text : texts) {
    if (out.size() == most) {
      out.emplace_back(fmt::format("and {} more", texts.size() - most));
      break;
    }
    out.emplace_back(clean_text(text, longest));
  }
  return out;
}

json::value failure_json(const std::optional<ScriptFailure>& failure, Detail detail) {
  if (!failure) return nullptr;
  const bool full = detail == Detail::full;
  json::object out{{"type", clean_text(failure->type, kBriefText)},
                   {"message", clean_text(failure->message, full ? kFullText : kBriefText)}};
  if (!full) return out;
  json::array frames;
  for (const auto& frame : failure->frames)
    frames.push_back({{"file", clean_text(frame.file, kLongestPath)},
                      {"line", frame.line},
                      {"function", clean_text(frame.function, kBriefText)}});
  out["text"] = clean_text(failure->text, kFullText);
  out["frames"] = std::move(frames);
  return out;
}

}  // namespace

ScriptSpec script_spec_of(const Args& args) {
  ScriptSpec spec;
  spec.source = source_of(args);
  spec.path = plain(args, "path", kLongestPath);
  spec.name = plain(args, "name", kLongestName);
  if (spec.name.empty()) spec.name = base_name(spec.path);
  spec.cwd = plain(args, "cwd", kLongestPath);
  spec.world = plain(args, "world", 256);
  spec.argv = argv_of(args);
  spec.process_mode =
      args.choice<bool>("mode", {{"server", false}, {"process", true}}).value_or(false);
  spec.keep_torch_state = args.boolean("keepTorchState").value_or(false);
  spec.pause_engine = args.boolean("pauseEngine").value_or(false);
  spec.has_stdin = args.boolean("stdin").value_or(false);
  spec.deadline = milliseconds(args, "deadlineMs", kLongestDeadline, 0);
  spec.grace = milliseconds(args, "graceMs", kLongestGrace, spec.grace.count());
  return spec;
}

std::string job_of(const Args& args) {
  auto job = args.text("job", kLongestName);
  if (!job || job->empty()) args.missing("job", "script.list names them");
  return std::move(*job);
}

CancelWish cancel_of(const Args& args) {
  CancelWish wish{.job = job_of(args), .reason = {}, .force = false};
  wish.reason = plain(args, "reason", kLongestReason);
  if (wish.reason.empty()) wish.reason = "a client asked for it";
  wish.force = args.boolean("force").value_or(false);
  return wish;
}

OutputWish output_of(const Args& args) {
  OutputWish wish{.job = job_of(args), .revision = args.unsigned64("revision")};
  wish.from = args.unsigned64("from").value_or(0);
  wish.max = static_cast<std::size_t>(args.integer("max", 1, kMostOutput).value_or(65536));
  wish.wait_ms = static_cast<std::uint64_t>(args.integer("waitMs", 0, kLongestWait).value_or(0));
  return wish;
}

InputLine input_of(const Args& args) {
  InputLine input{.job = job_of(args), .line = args.text("line", kLongestLine)};
  const bool end = args.boolean("eof").value_or(false);
  if (input.line && end) args.wrong("eof", "alone: there is no end and a line at once");
  if (!input.line && !end) args.missing("line", "a line of text, or eof true");
  return input;
}

std::string clean_text(std::string_view text, std::size_t longest) {
  std::string out;
  out.reserve(std::min(text.size(), longest));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character(text, at);
    const std::string_view next = size == 0 ? "\xef\xbf\xbd" : text.substr(at, size);
    if (out.size() + next.size() > longest) {
      while (out.size() + 3 > longest && !out.empty()) {
        // A whole character goes, not its last byte.
        while (out.size() > 1 && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80)
          out.pop_back();
        out.pop_back();
      }
      return out + "...";
    }
    out += next;
    at += std::max<std::size_t>(size, 1);
  }
  return out;
}

json::object job_json(const ScriptStatus& status, Detail detail) {
  const bool done = status.state == "done";
  json::object out{
      {"job", clean_text(status.job)},
      {"name", clean_text(status.name, kLongestName)},
      {"state", status.state},
      {"outcome", status.outcome.empty() ? json::value() : json::value(status.outcome)},
      {"stage", status.stage},
      {"exitCode", done ? json::value(status.exit_code) : json::value()},
      {"position", status.position},
      {"created", integer_json(status.created_us)},
      {"wall", number_json(status.wall_s)}};
  if (detail == Detail::open) return out;
  const bool full = detail == Detail::full;
  out["owner"] = clean_text(status.owner, kBriefText);
  out["cpu"] = number_json(status.cpu_s);
  out["progress"] = status.progress < 0 ? json::value() : number_json(status.progress);
  out["progressText"] = clean_text(status.progress_text, kBriefText);
  out["failure"] = failure_json(status.failure, detail);
  out["leftBehind"] = texts_json(status.left_behind, full ? 256 : kBriefItems, kBriefText);
  out["wantsInput"] = status.wants_input;
  out["prompt"] = clean_text(status.prompt, kBriefText);
  out["password"] = status.password;
  if (!full) return out;
  out["outFrom"] = integer_json(status.out_from);
  out["outTo"] = integer_json(status.out_to);
  out["gap"] = integer_json(status.gap);
  return out;
}

json::object python_json(const PythonHealth& health, Detail detail) {
  json::object out{{"plane", health.plane}, {"reason", clean_text(health.reason, kBriefText)}};
  if (detail == Detail::open) return out;
  out["python"] = clean_text(health.python, kBriefText);
  out["torch"] = clean_text(health.torch, kBriefText);
  out["executable"] = clean_text(health.executable, kLongestPath);
  out["job"] = health.job.empty() ? json::value() : json::value(clean_text(health.job));
  if (detail == Detail::full) out["stacks"] = clean_text(health.stacks, kFullText);
  return out;
}

json::object output_json(const std::vector<ScriptChunk>& chunks, std::uint64_t from,
                         const ScriptStatus& status, std::uint64_t revision) {
  json::array list;
  for (const ScriptChunk& chunk : chunks)
    list.push_back({{"seq", integer_json(chunk.seq)},
                    {"stream", chunk.stream},
                    {"t", number_json(chunk.t)},
                    {"text", clean_text(chunk.text)}});
  return {{"chunks", std::move(list)},
          {"next", integer_json(chunks.empty() ? from : chunks.back().seq + 1)},
          {"revision", integer_json(revision)},
          {"status", job_json(status, Detail::full)}};
}

}  // namespace atheria::wire
