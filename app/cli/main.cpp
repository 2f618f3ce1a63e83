#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/cli/command.h"
#include "app/config.h"
#include "atheria_build.h"
#include "engine/base/error.h"

namespace {

int exit_code(const atheria::Error& error) {
  using atheria::ErrorKind;
  switch (error.kind()) {
    case ErrorKind::bad_args:
    case ErrorKind::not_found:
      return atheria::kExitUsage;
    default:
      return atheria::kExitFailure;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Atheria: worlds on a lattice, live.", "ath");
  const auto chosen = std::make_shared<atheria::cli::Action>();
  app.set_version_flag("--version", fmt::format("ath {}", atheria::build::kVersion));
  app.require_subcommand(1);
  atheria::cli::add_commands(app, chosen);
  try {
    app.parse(argc, argv);
    const int code = (*chosen)();
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    fmt::print(stderr, "ath: the output could not be written: {}\n", std::strerror(errno));
    return atheria::kExitFailure;
  } catch (const CLI::RequiredError& fault) {
    // "A subcommand is required" is true but no help to somebody who mistyped one.
    const auto unknown = app.remaining(true);
    if (unknown.empty()) return app.exit(fault), atheria::kExitUsage;
    fmt::print(stderr, "ath: unknown word '{}'; --help lists the words\n", unknown.front());
    return atheria::kExitUsage;
  } catch (const CLI::ParseError& fault) {
    const int code = app.exit(fault);
    return code == 0 ? atheria::kExitOk : atheria::kExitUsage;
  } catch (const atheria::Error& error) {
    fmt::print(stderr, "ath: {}\n", error.what());
    return exit_code(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "ath: {}\n", error.what());
    return atheria::kExitFailure;
  }
}
