#pragma once

#include <span>
#include <string_view>

#include "app/server/call.h"

namespace atheria::server {

// What an op of PROTOCOL.md does here; who may ask for it stands in wire::ops(). Handlers run on
// the I/O thread and never wait: they answer the call, or see to it that it is answered. They may
// throw Error.
struct OpHandler {
  std::string_view name;
  void (*run)(Call& call);
  // It tells its own time, where others are answered `timeout` after a while: a long poll has its
  // limit, and steps take what they take.
  bool own_time = false;
  // For programs that take part in worlds: needs a token, and does not count towards the rate.
  bool guest = false;
};

std::span<const OpHandler> op_handlers();

// Null when there is none.
const OpHandler* find_handler(std::string_view name);

// Handlers by what they are about.
void create_world(Call& call);
void delete_world(Call& call);
void set_world(Call& call);
void read_probe(Call& call);
void read_histogram(Call& call);
void read_measures(Call& call);
void run_script(Call& call);
void cancel_script(Call& call);
void list_scripts(Call& call);
void read_script_status(Call& call);
void read_script_output(Call& call);
void give_script_input(Call& call);
void restart_server(Call& call);
void take_lease(Call& call);
void read_lease(Call& call);
void write_lease(Call& call);
void step_lease(Call& call);
void end_lease(Call& call);
void load_field(Call& call);
void open_look(Call& call);
void next_look(Call& call);
void read_look_status(Call& call);
void close_look(Call& call);
void open_hook(Call& call);
void next_hook(Call& call);
void fail_hook(Call& call);
void close_hook(Call& call);
void register_law(Call& call);
void next_law_step(Call& call);
void answer_law_step(Call& call);
void fail_law_step(Call& call);
void fork_world(Call& call);
void put_stream(Call& call);
void drop_stream(Call& call);
void list_streams(Call& call);
void report_progress(Call& call);
void extend_grace(Call& call);

// What the connection holds. Throws Error (cancelled) when it has ended.
Guest& guest_of(Call& call);
// Whose a lease or hook is, for people.
std::string owner_of_holds(Call& call);

// {"step":N}, and the outcome's own.
void reply_step(Call& call, const Outcome& outcome, wire::json::object more = {});

}  // namespace atheria::server
