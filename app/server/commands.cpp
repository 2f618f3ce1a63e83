#include "app/server/commands.h"

#include <algorithm>

#include "app/protocol/requests.h"

namespace atheria::server {

namespace json = wire::json;

namespace {

// An op that is one command to a world, answered with the step alone.
template <class Make>
void simple(Call& call, Make make) {
  const auto args = call.args();
  call.ask(call.world(), make(args),
           [](Call& done, Outcome& outcome) { reply_step(done, outcome); });
}

void ping(Call& call) {
  const json::value* echo = call.request().args.if_contains("echo");
  call.reply(json::object{{"echo", echo != nullptr ? *echo : json::value()}, {"t", now_us()}});
}

void who(Call& call) {
  const auto connection = call.connection();
  call.reply(json::object{{"role", to_string(call.role())},
                          {"conn", connection ? connection->name() : ""}});
}

void list_laws(Call& call) { call.reply(json::object{{"laws", call.hub().laws_json()}}); }

void list_worlds(Call& call) { call.reply(json::object{{"worlds", call.hub().worlds_json()}}); }

void get_world(Call& call) {
  call.ask(call.world(), command::Describe{}, [](Call& done, Outcome& outcome) {
    reply_step(done, outcome,
               {{"world", done.hub().world_json(std::get<WorldState>(outcome.data))}});
  });
}

void play(Call& call) {
  simple(call, [](const auto&) { return command::Play{}; });
}
void pause(Call& call) {
  simple(call, [](const auto&) { return command::Pause{}; });
}
void step(Call& call) { simple(call, wire::step_of); }
void reset(Call& call) {
  simple(call, [](const auto&) { return command::Reset{}; });
}
void seed(Call& call) { simple(call, wire::seed_of); }
void paint(Call& call) { simple(call, wire::paint_of); }
void undo(Call& call) {
  simple(call, [](const auto&) { return command::Undo{}; });
}
void redo(Call& call) {
  simple(call, [](const auto&) { return command::Redo{}; });
}

void subscribe(Call& call) {
  if (const auto connection = call.connection()) connection->subscribe(call.shared_from_this());
}

void update_subscription(Call& call) {
  if (const auto connection = call.connection())
    connection->update_subscription(call.shared_from_this());
}

void unsubscribe(Call& call) {
  const std::uint32_t sub = wire::sub_of(call.args());
  if (const auto connection = call.connection()) connection->unsubscribe(sub);
  call.reply(json::object{});
}

constexpr OpHandler kHandlers[] = {
    {"ping", ping},
    {"auth.who", who},
    {"law.list", list_laws},
    {"sim.list", list_worlds},
    {"sim.get", get_world},
    {"sim.create", create_world},
    {"sim.delete", delete_world},
    {"sim.play", play},
    {"sim.pause", pause},
    {"sim.step", step, true},
    {"sim.reset", reset},
    {"sim.set", set_world},
    {"field.seed", seed},
    {"field.paint", paint},
    {"field.undo", undo},
    {"field.redo", redo},
    {"probe.read", read_probe},
    {"field.histogram", read_histogram},
    {"field.measure", read_measures},
    {"script.run", run_script},
    {"script.cancel", cancel_script},
    {"script.list", list_scripts},
    {"script.status", read_script_status},
    {"script.output", read_script_output, true},
    {"script.input", give_script_input},
    {"server.restart", restart_server, true},
    {"lease.take", take_lease, true, true},
    {"lease.read", read_lease, false, true},
    {"lease.write", write_lease, false, true},
    {"lease.step", step_lease, true, true},
    {"lease.end", end_lease, false, true},
    {"field.load", load_field, false, true},
    {"look.open", open_look, false, true},
    {"look.next", next_look, true, true},
    {"look.status", read_look_status, false, true},
    {"look.close", close_look, false, true},
    {"hook.open", open_hook, false, true},
    {"hook.next", next_hook, true, true},
    {"hook.fail", fail_hook, false, true},
    {"hook.close", close_hook, false, true},
    {"law.register", register_law, false, true},
    {"law.next", next_law_step, true, true},
    {"law.answer", answer_law_step, false, true},
    {"law.fail", fail_law_step, false, true},
    {"sim.fork", fork_world, true, true},
    {"stream.put", put_stream, false, true},
    {"stream.drop", drop_stream, false, true},
    {"stream.list", list_streams},
    {"script.progress", report_progress, false, true},
    {"script.grace", extend_grace, false, true},
    {"sub", subscribe},
    {"sub.update", update_subscription},
    {"unsub", unsubscribe},
};

}  // namespace

std::span<const OpHandler> op_handlers() { return kHandlers; }

const OpHandler* find_handler(std::string_view name) {
  const auto found = std::find_if(std::begin(kHandlers), std::end(kHandlers),
                                  [&](const OpHandler& handler) { return handler.name == name; });
  return found == std::end(kHandlers) ? nullptr : found;
}

void reply_step(Call& call, const Outcome& outcome, json::object more) {
  more["step"] = wire::integer_json(outcome.step);
  call.reply(std::move(more));
}

}  // namespace atheria::server
