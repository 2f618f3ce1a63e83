#include "engine/view/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/base/error.h"
#include "engine/view/render.h"

namespace atheria {

namespace {

int channel_index(const LawInfo& law, const std::string& name) {
  for (std::size_t index = 0; index < law.channels.size(); ++index) {
    if (law.channels[index].name == name) return static_cast<int>(index);
  }
  return -1;
}

int channel_index(const LawInfo& law, const std::string& name, int otherwise) {
  const int found = channel_index(law, name);
  return found < 0 ? otherwise : found;
}

// A channel "a" is alpha only beside "r": elsewhere it is some substance A.
int alpha_index(const LawInfo& law) {
  if (channel_index(law, "r") >= 0) return channel_index(law, "a", channel_index(law, "alpha"));
  return channel_index(law, "alpha");
}

std::vector<CellSource> colours_of(const LawInfo& law) {
  std::vector<CellSource> colours;
  const char* const names[] = {"r", "g", "b"};
  const bool named = std::all_of(std::begin(names), std::end(names),
                                 [&](const char* name) { return channel_index(law, name) >= 0; });
  for (int colour = 0; colour < 3; ++colour) {
    CellSource source;
    source.quantity = Quantity::colour;
    source.channel = named ? channel_index(law, names[colour]) : colour;
    source.alpha = alpha_index(law);
    const Channel& channel = law.channels[source.channel];
    source.lo = channel.lo;
    source.hi = channel.hi > channel.lo ? channel.hi : channel.lo + 1;
    colours.push_back(source);
  }
  return colours;
}

}  // namespace

HostPlanes::HostPlanes(const Field& field)
    : kept_(field.device().is_cpu() ? field.planes() : field.planes().to(at::kCPU)),
      planes_{kept_.const_data_ptr(), field.dtype(), field.grid(), field.channels()} {}

// Channel views come first: a law may have a channel called "density".
CellSource single_source(const LawInfo& law, const std::string& name) {
  CellSource source;
  const int channel = channel_index(law, name);
  if (channel >= 0 || name == "re" || name == "im") {
    source.channel = channel >= 0 ? channel : name == "im";
  } else if (name == "density") {
    source.quantity = Quantity::density;
  } else if (name == "phase") {
    source.quantity = Quantity::phase;
  } else {
    source.quantity = Quantity::change;
  }
  return source;
}

std::vector<CellSource> sources_of(const LawInfo& law, const std::string& view, const Planes& now,
                                   const Planes& before) {
  const ViewInfo info = find_view(law, view);
  if (now.channels != static_cast<int>(law.channels.size())) {
    throw Error(ErrorKind::internal, fmt::format("law '{}' has {} channels, the field {}", law.name,
                                                 law.channels.size(), now.channels));
  }
  std::vector<CellSource> sources =
      info.channels == 3 ? colours_of(law) : std::vector{single_source(law, info.name)};
  for (CellSource& source : sources) {
    source.now = now;
    source.before = before;
  }
  return sources;
}

bool same_shape(const Field& a, const Field& b) {
  return a.grid() == b.grid() && a.dtype() == b.dtype() && a.channels() == b.channels();
}

}  // namespace atheria
