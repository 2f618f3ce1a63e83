#include "engine/law/laws.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "engine/base/error.h"
#include "engine/law/ginzburg_landau.h"
#include "engine/law/gray_scott.h"
#include "engine/law/lenia.h"
#include "engine/law/life.h"
#include "engine/law/nca.h"
#include "engine/law/schrodinger.h"
#include "engine/law/wave.h"

namespace atheria {

const std::vector<std::unique_ptr<Law>>& builtin_laws() {
  static const auto laws = [] {
    std::vector<std::unique_ptr<Law>> all;
    all.push_back(make_lenia());
    all.push_back(make_lenia3());
    all.push_back(make_gray_scott());
    all.push_back(make_schrodinger());
    all.push_back(make_gross_pitaevskii());
    all.push_back(make_life());
    all.push_back(make_nca());
    all.push_back(make_nca3());
    all.push_back(make_ginzburg_landau());
    all.push_back(make_wave());
    return all;
  }();
  return laws;
}

namespace {

struct Added {
  std::mutex mutex;
  std::vector<std::unique_ptr<Law>> kept;  // Guarded by mutex: replaced ones too, for their worlds.
  std::vector<const Law*> current;         // Guarded by mutex.
};

Added& added() {
  static auto* const all = new Added;  // never destroyed: worlds may run to the last
  return *all;
}

bool same_channels(const LawInfo& a, const LawInfo& b) {
  return std::ranges::equal(a.channels, b.channels, {}, &Channel::name, &Channel::name);
}

}  // namespace

std::vector<const Law*> all_laws() {
  std::vector<const Law*> all;
  for (const auto& law : builtin_laws()) all.push_back(law.get());
  const std::lock_guard lock(added().mutex);
  all.insert(all.end(), added().current.begin(), added().current.end());
  return all;
}

void add_law(std::unique_ptr<Law> law) {
  const auto& info = law->info();
  for (const auto& built_in : builtin_laws())
    if (built_in->info().name == info.name)
      throw Error(ErrorKind::conflict,
                  fmt::format("law '{}' is built in; choose another name", info.name), "name");
  auto& [mutex, kept, current] = added();
  const std::lock_guard lock(mutex);
  const auto before = std::ranges::find_if(
      current, [&](const Law* known) { return known->info().name == info.name; });
  if (before != current.end() && !same_channels((*before)->info(), info))
    throw Error(ErrorKind::conflict,
                fmt::format("law '{}' is there already with other channels; choose another name",
                            info.name),
                "channels");
  kept.push_back(std::move(law));
  if (before != current.end())
    *before = kept.back().get();
  else
    current.push_back(kept.back().get());
}

const Law& find_law(std::string_view name) {
  std::string names;
  for (const auto* law : all_laws()) {
    if (law->info().name == name) return *law;
    names += (names.empty() ? "" : ", ") + law->info().name;
  }
  throw Error(ErrorKind::not_found, fmt::format("no law '{}'; there are: {}", name, names), "law");
}

}  // namespace atheria
