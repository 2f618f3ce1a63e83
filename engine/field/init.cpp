#include "engine/field/init.h"

#include "engine/field/init_kinds.h"
#include "engine/field/rle.h"

namespace atheria {
namespace {

Filler filler(const InitSpec& spec) {
  if (spec.kind() == "noise") return noise_init(spec);
  if (spec.kind() == "blobs") return blobs_init(spec);
  if (spec.kind() == "cell") return cell_init(spec);
  if (spec.kind() == "packet") return packet_init(spec);
  if (spec.kind() == "wave") return wave_init(spec);
  if (spec.kind() == "pattern") return pattern_init(spec);
  if (spec.kind() == "image") return image_init(spec);
  return [](Canvas& canvas, std::uint64_t) { canvas.clear(); };  // empty
}

}  // namespace

void fill(Field& field, const std::vector<Channel>& channels, bool complex, const std::string& spec,
          std::uint64_t seed) {
  const auto draw = filler(InitSpec(spec));
  Canvas canvas(field, channels, complex);
  draw(canvas, seed);
}

void check_init(const std::string& spec) { filler(InitSpec(spec)); }

bool reads_file(const std::string& spec) { return InitSpec(spec).has("file"); }

std::optional<std::string> rule_of(const std::string& spec) {
  const auto text = rle_text(InitSpec(spec));
  if (text.empty()) return std::nullopt;
  auto rule = parse_rle(text).rule;
  if (rule.empty()) return std::nullopt;
  return rule;
}

}  // namespace atheria
