#include "app/cli/bench.h"

#include "app/cli/command.h"

namespace atheria::cli {
namespace {

void add_step(CLI::App& bench, const Chosen& chosen) {
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
  command->add_option("--rounds", options->rounds, "Rounds; the median counts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "Time for each path in each round")
      ->check(CLI::Range(0.01, 60.0))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Stepping threads; 0: one per core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
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

void add_encode(CLI::App& bench, const Chosen& chosen) {
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

void add_python(CLI::App& bench, const Chosen& chosen) {
  CLI::App* command = bench.add_subcommand(
      "python", "What scripts in the server cost its worlds, and how long their calls take");
  const auto options = std::make_shared<PythonOptions>();
  const auto quick = std::make_shared<bool>(false);
  command->add_option("--python", options->python, "The server's Python (default: the build's)")
      ->type_name("PATH");
  command->add_option("--rounds", options->rounds, "Rounds; the median counts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "Time for each side in each round")
      ->check(CLI::Range(0.2, 60.0))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Stepping threads; 0: all cores but one")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
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

}  // namespace

void add_bench(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand("bench", "Measure this machine");
  command->require_subcommand(1);
  add_step(*command, chosen);
  add_encode(*command, chosen);
  add_python(*command, chosen);
}

}  // namespace atheria::cli
