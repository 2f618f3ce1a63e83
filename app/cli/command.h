#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>

// The verbs of `ath`. Each adds its subcommand and what to run when it was chosen; the result is
// the exit code.
namespace atheria::cli {

using Action = std::function<int()>;
using Chosen = std::shared_ptr<Action>;  // filled by the subcommand's callback

void add_serve(CLI::App& app, const Chosen& chosen);
void add_laws(CLI::App& app, const Chosen& chosen);
void add_link(CLI::App& app, const Chosen& chosen);
void add_run(CLI::App& app, const Chosen& chosen);
void add_jobs(CLI::App& app, const Chosen& chosen);
void add_output(CLI::App& app, const Chosen& chosen);
void add_stop(CLI::App& app, const Chosen& chosen);
void add_restart(CLI::App& app, const Chosen& chosen);
void add_kernel(CLI::App& app, const Chosen& chosen);
void add_doctor(CLI::App& app, const Chosen& chosen);
void add_bench(CLI::App& app, const Chosen& chosen);

// All of them on one app: what main() parses with, and what the tests ask for names and help.
void add_commands(CLI::App& app, const Chosen& chosen);

}  // namespace atheria::cli
