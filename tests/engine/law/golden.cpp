#include "tests/engine/law/golden.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "engine/base/error.h"
#include "tests/engine/law/law_world.h"

namespace atheria::testing {
namespace {

// FNV-1a over the words of a plane.
std::string hash_of(const at::Tensor& words) {
  const auto plane = words.contiguous();
  const auto* const word = plane.const_data_ptr<std::int64_t>();
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (std::int64_t i = 0; i < plane.numel(); ++i)
    for (int byte = 0; byte < 8; ++byte)
      hash = (hash ^ (static_cast<std::uint64_t>(word[i]) >> (8 * byte) & 0xFF)) * 0x100000001B3ULL;
  return fmt::format("{:016x}", hash);
}

GoldenLine line_of(LawWorld& world, const Channel& channel, std::int64_t index) {
  const auto plane = world.field().dense()[index].to(at::kDouble);
  GoldenLine line{.step = static_cast<int>(world.step()),
                  .channel = channel.name,
                  .mean = plane.mean().item<double>(),
                  .min = plane.min().item<double>(),
                  .max = plane.max().item<double>(),
                  .norm = plane.square().sum().sqrt().item<double>()};
  if (world.field().dtype() == Dtype::bits) line.hash = hash_of(world.field().planes()[index]);
  return line;
}

}  // namespace

std::vector<GoldenLine> golden_run(const Law& law, Path path) {
  const auto& info = law.info();
  LawWorld world(law, {.grid = {96, 96, 1},
                       .dtype = info.dtypes.front(),
                       .seed = 1,
                       .init = info.init,
                       .path = path});
  std::vector<GoldenLine> lines;
  for (int step = 0; step <= kGoldenSteps; ++step) {
    if (step > 0) world.advance(1);
    for (std::size_t c = 0; c < info.channels.size(); ++c)
      lines.push_back(line_of(world, info.channels[c], static_cast<std::int64_t>(c)));
  }
  return lines;
}

double golden_tolerance(const LawInfo& info) {
  return info.dtypes.front() == Dtype::bits ? 0 : 2e-5;
}

std::string golden_text(const LawInfo& info, const std::vector<GoldenLine>& lines) {
  auto text = fmt::format(
      "# {}: {} steps on 96x96, {}, seed 1, from {}\n"
      "# tolerance {} : numbers may differ by tolerance * (1 + |number|) between machines\n"
      "# step channel mean min max norm bits\n",
      info.name, kGoldenSteps, to_string(info.dtypes.front()), info.init, golden_tolerance(info));
  for (const auto& line : lines)
    text += fmt::format("{} {} {:.8g} {:.8g} {:.8g} {:.8g} {}\n", line.step, line.channel,
                        line.mean, line.min, line.max, line.norm, line.hash);
  return text;
}

std::vector<GoldenLine> read_golden(const std::string& path, double& tolerance) {
  std::ifstream file(path);
  if (!file)
    throw Error(ErrorKind::io, fmt::format("no golden run at {}; ./ath golden makes it", path));
  std::vector<GoldenLine> lines;
  for (std::string row; std::getline(file, row);) {
    std::istringstream words(row);
    if (row.rfind("# tolerance", 0) == 0) {
      std::string hash, name;
      words >> hash >> name >> tolerance;
    }
    if (row.empty() || row[0] == '#') continue;
    GoldenLine line;
    words >> line.step >> line.channel >> line.mean >> line.min >> line.max >> line.norm >>
        line.hash;
    if (!words) throw Error(ErrorKind::io, fmt::format("{}: cannot read '{}'", path, row));
    lines.push_back(line);
  }
  return lines;
}

}  // namespace atheria::testing
