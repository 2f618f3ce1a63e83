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

// {"step":N}, and the outcome's own.
void reply_step(Call& call, const Outcome& outcome, wire::json::object more = {});

}  // namespace atheria::server
