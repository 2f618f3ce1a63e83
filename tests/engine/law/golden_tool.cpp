// golden [LAW...]: writes tests/golden/laws/LAW.txt anew, for all laws when none is named. Run from
// the repository's root.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "engine/base/error.h"
#include "engine/law/laws.h"
#include "tests/engine/law/golden.h"

namespace {

void renew(const atheria::Law& law) {
  using namespace atheria::testing;
  const auto path = kGoldenFolder + law.info().name + ".txt";
  std::ofstream file(path);
  file << golden_text(law.info(), golden_run(law, atheria::Path::reference));
  if (!file.flush())
    throw atheria::Error(atheria::ErrorKind::io, fmt::format("cannot write {}", path));
  fmt::print("wrote {}\n", path);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (!std::filesystem::is_directory("tests/golden/laws"))
      throw atheria::Error("no tests/golden/laws here; run golden from the repository's root");
    if (argc == 1)
      for (const auto& law : atheria::builtin_laws()) renew(*law);
    for (int i = 1; i < argc; ++i) renew(atheria::find_law(argv[i]));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "golden: {}\n", error.what());
    return 1;
  }
}
