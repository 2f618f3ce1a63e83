#include "app/cli/command.h"

namespace atheria::cli {

void add_commands(CLI::App& app, const Chosen& chosen) {
  add_serve(app, chosen);
  add_laws(app, chosen);
  add_link(app, chosen);
  add_run(app, chosen);
  add_jobs(app, chosen);
  add_output(app, chosen);
  add_stop(app, chosen);
  add_restart(app, chosen);
  add_kernel(app, chosen);
  add_doctor(app, chosen);
  add_bench(app, chosen);
}

}  // namespace atheria::cli
