#include "engine/law/laws.h"

#include <fmt/format.h>

#include <algorithm>

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
    all.push_back(make_ginzburg_landau());
    all.push_back(make_wave());
    return all;
  }();
  return laws;
}

const Law& find_law(std::string_view name) {
  std::string names;
  for (const auto& law : builtin_laws()) {
    if (law->info().name == name) return *law;
    names += (names.empty() ? "" : ", ") + law->info().name;
  }
  throw Error(ErrorKind::not_found, fmt::format("no law '{}'; there are: {}", name, names), "law");
}

}  // namespace atheria
