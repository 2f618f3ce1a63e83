#include "app/bench/bench.h"

#include "app/bench/table.h"
#include "app/cli/command.h"

namespace atheria::bench {
namespace {

// What all that is measured in rounds can be told.
CLI::Option* add_rounds(CLI::App& command, int& rounds) {
  return command.add_option("--rounds", rounds, "Rounds; the median counts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
}

CLI::Option* add_seconds(CLI::App& command, double& seconds, const char* what,
                         const CLI::Range& range) {
  return command.add_option("--seconds", seconds, what)->check(range)->capture_default_str();
}

void add_threads(CLI::App& command, int& threads, const char* what) {
  command.add_option("--threads", threads, what)->check(CLI::Range(0, 1024))->capture_default_str();
}

void add_step(CLI::App& bench, const cli::Chosen& chosen) {
  CLI::App* command =
      bench.add_subcommand("step", "Cells a second of each law, native beside its ATen reference");
  const auto options = std::make_shared<StepOptions>();
  const auto quick = std::make_shared<bool>(false);
  command->add_option("--law", options->laws, "A law; repeatable (default: every law)")
      ->type_name("NAME");
  command->add_option("--size", options->size, "Cells a side")
      ->check(CLI::Range(16, 16384))
      ->capture_default_str();
  command->add_option("--path", options->path, "Which paths")
      ->check(CLI::IsMember({"fast", "reference", "both"}))
      ->capture_default_str();
  add_rounds(*command, options->rounds);
  add_seconds(*command, options->seconds, "Time for each path in each round", {0.01, 60.0});
  add_threads(*command, options->threads, "Stepping threads; 0: one per core");
  command->add_flag("--json", options->json, "As JSON");
  command->add_flag("--quick", *quick, "Two short rounds: to see that it runs, not to compare");
  command->callback([=] {
    if (*quick) {
      options->rounds = 2;
      options->seconds = 0.05;
      options->size = std::min(options->size, 256);
    }
    *chosen = [=] { return bench_step(*options); };
  });
}

void add_encode(CLI::App& bench, const cli::Chosen& chosen) {
  CLI::App* command =
      bench.add_subcommand("encode", "Milliseconds from a picture to the bytes of its frame");
  const auto options = std::make_shared<EncodeOptions>();
  const auto quick = std::make_shared<bool>(false);
  command->add_option("--size", options->sizes, "Texels a side; repeatable")
      ->check(CLI::Range(16, 8192));
  command->add_option("--frames", options->frames, "Frames of each kind; the median counts")
      ->check(CLI::Range(2, 10000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "As JSON");
  command->add_flag("--quick", *quick, "Few and small frames: to see that it runs, not to compare");
  command->callback([=] {
    if (*quick) {
      options->sizes = {256};
      options->frames = 8;
    }
    *chosen = [=] { return bench_encode(*options); };
  });
}

void add_python(CLI::App& bench, const cli::Chosen& chosen) {
  CLI::App* command = bench.add_subcommand(
      "python", "What scripts in the server cost its worlds, and how long their calls take");
  const auto options = std::make_shared<PythonOptions>();
  const auto quick = std::make_shared<bool>(false);
  command->add_option("--python", options->python, "The server's Python (default: the build's)")
      ->type_name("PATH");
  add_rounds(*command, options->rounds);
  add_seconds(*command, options->seconds, "Time for each side in each round", {0.2, 60.0});
  add_threads(*command, options->threads, "Stepping threads; 0: all cores but one");
  command->add_flag("--json", options->json, "As JSON");
  command->add_flag("--quick", *quick, "Two short rounds: to see that it runs, not to compare");
  command->callback([=] {
    if (*quick) {
      options->rounds = 2;
      options->seconds = 0.2;
    }
    *chosen = [=] { return bench_python(*options); };
  });
}

void add_docs(CLI::App& bench, const cli::Chosen& chosen) {
  CLI::App* command = bench.add_subcommand("docs", "Write docs/benchmarks.md from a stored run");
  const auto json = std::make_shared<std::string>();
  const auto markdown = std::make_shared<std::string>("docs/benchmarks.md");
  command->add_option("run", *json, "What ath bench --json wrote")->required()->type_name("FILE");
  command->add_option("to", *markdown, "The file to write")
      ->type_name("FILE")
      ->capture_default_str();
  command->callback([=] { *chosen = [=] { return bench_docs(*json, *markdown); }; });
}

void add_files(CLI::App& bench, TableOptions& options) {
  bench.add_option("--json", options.json, "Write the run as JSON")->type_name("FILE");
  bench.add_option("--markdown", options.markdown, "Write it as docs/benchmarks.md is")
      ->type_name("FILE");
  bench.add_option("--against", options.against, "Compare with a stored run; 1 when a row lost")
      ->type_name("FILE");
}

void add_peers(CLI::App& bench, TableOptions& options) {
  bench.add_option("--peers", options.peers, "Peers, joined by commas, or none (default: all)")
      ->delimiter(',')
      ->type_name("LIST");
  bench
      .add_option("--peers-python", options.python,
                  "Their Python (default: .venv-bench's, else .venv's)")
      ->type_name("PATH");
  bench
      .add_option("--peers-folder", options.folder, "Where their run.py is (default: bench/peers)")
      ->type_name("PATH");
  bench.add_option("--peer-limit", options.peer_limit, "Seconds a peer may take for one answer")
      ->check(CLI::Range(0.1, 36000.0))
      ->capture_default_str();
}

// What runs when no other word follows.
void add_table(CLI::App& bench, const cli::Chosen& chosen) {
  const auto options = std::make_shared<TableOptions>();
  bench.add_flag("--list", options->list, "Say which rows there are, and end");
  bench.add_option("--row", options->rows, "A row; repeatable (default: all)")->type_name("NAME");
  const CLI::Option* const rounds = add_rounds(bench, options->rounds);
  const CLI::Option* const seconds =
      add_seconds(bench, options->seconds, "Time for each side in each round", {0.01, 600.0});
  add_threads(bench, options->threads, "Threads of each side; 0: one per core");
  bench.add_flag("--quick", options->quick, "Small and short: to see that it runs, not to compare");
  add_peers(bench, *options);
  add_files(bench, *options);
  bench.callback([=, &bench] {
    if (!bench.get_subcommands().empty()) return;
    if (options->quick && rounds->empty()) options->rounds = 2;
    if (options->quick && seconds->empty()) options->seconds = 0.05;
    *chosen = [=] { return bench_table(*options); };
  });
}

}  // namespace

}  // namespace atheria::bench

void atheria::cli::add_bench(CLI::App& app, const Chosen& chosen) {
  using namespace bench;
  CLI::App* command = app.add_subcommand(
      "bench", "Measure this machine: without a further word ours beside the peers installed");
  command->require_subcommand(0, 1);
  add_table(*command, chosen);
  add_step(*command, chosen);
  add_encode(*command, chosen);
  add_python(*command, chosen);
  add_docs(*command, chosen);
}
