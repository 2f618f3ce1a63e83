// wire_golden FOLDER: writes the cases of wire_cases.cpp there. Look at the difference before
// committing it.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/app/protocol/wire_cases.h"

using namespace atheria::wire;

namespace {

void save(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: wire_golden FOLDER (tests/golden/wire)\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  const auto cases = wire_cases();
  for (const Case& one : cases) {
    const auto bytes = joined(one);
    save(folder / (one.name + ".bin"), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    save(folder / (one.name + ".json"), describe(one));
  }
  save(folder / "index.json", describe_all(cases));
  std::printf("%zu cases in %s\n", cases.size(), folder.c_str());
}
