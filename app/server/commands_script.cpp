#include <fmt/format.h>

#include "app/protocol/crc32c.h"
#include "app/server/commands.h"
#include "engine/base/log.h"

// Ops about scripts. Whoever may send code may do anything the server can: who did is written down.
namespace atheria::server {

namespace json = wire::json;

namespace {

ScriptAccess& python(Call& call) { return call.hub().scripts().access(); }

// A browser adds its cookie to whatever a page sends; a token somebody must know and add.
void need_token(Call& call) {
  const auto connection = call.connection();
  if (connection && !connection->may_run_code())
    throw Error(
        ErrorKind::not_allowed,
        fmt::format("'{}' needs a token; this connection came with a cookie", call.request().op));
}

std::string owner_of(Call& call) {
  const auto connection = call.connection();
  return fmt::format("{} ({})", connection ? connection->name() : "?", to_string(call.role()));
}

// Who asked for what. The checksum tells one source from another; it proves nothing.
void write_down(const ScriptStatus& job, const ScriptSpec& spec, std::uint32_t checksum) {
  log::info(fmt::format("script {}: '{}' of {}, {} bytes, crc32c {:08x}{}", job.job, spec.name,
                        spec.owner, spec.source.size(), checksum,
                        spec.process_mode ? ", in a process of its own" : ""));
}

std::uint32_t checksum_of(const std::string& text) {
  return wire::crc32c({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

wire::Detail detail_for(Call& call) {
  return call.role() >= Role::script ? wire::Detail::full : wire::Detail::open;
}

}  // namespace

void run_script(Call& call) {
  need_token(call);
  ScriptAccess& access = python(call);
  ScriptSpec spec = wire::script_spec_of(call.args());
  spec.owner = owner_of(call);
  const ScriptStatus job = access.run(spec);
  ++call.hub().metrics().scripts;
  write_down(job, spec, checksum_of(spec.source));
  call.reply(json::object{{"job", job.job}, {"position", job.position}, {"state", job.state}});
}

void cancel_script(Call& call) {
  const wire::CancelWish wish = wire::cancel_of(call.args());
  const int stage = python(call).cancel(wish.job, wish.reason, wish.force);
  log::info(fmt::format("script {}: stop asked by {}, stage {}", wish.job, owner_of(call), stage));
  call.reply(json::object{{"stage", stage}});
}

void list_scripts(Call& call) {
  json::array jobs;
  for (const ScriptStatus& status : python(call).list())
    jobs.push_back(wire::job_json(status, detail_for(call)));
  call.reply(
      json::object{{"jobs", std::move(jobs)},
                   {"python", wire::python_json(call.hub().scripts().health(), detail_for(call))}});
}

void read_script_status(Call& call) {
  const std::string job = wire::job_of(call.args());
  call.reply(wire::job_json(python(call).status(job), detail_for(call)));
}

void read_script_output(Call& call) {
  call.hub().scripts().wait(call.shared_from_this(), wire::output_of(call.args()));
}

void give_script_input(Call& call) {
  need_token(call);
  const wire::InputLine input = wire::input_of(call.args());
  python(call).input(input.job, input.line);
  call.hub().scripts().answered_input(input.job);
  call.reply(json::object{});
}

}  // namespace atheria::server
