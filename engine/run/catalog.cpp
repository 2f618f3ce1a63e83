#include "engine/run/catalog.h"

#include "engine/law/laws.h"
#include "engine/view/render.h"

namespace atheria {

const std::vector<const LawInfo*>& law_catalog() {
  static const auto all = [] {
    std::vector<const LawInfo*> infos;
    for (const auto& law : builtin_laws()) infos.push_back(&law->info());
    return infos;
  }();
  return all;
}

const LawInfo& law_info(const std::string& name) { return find_law(name).info(); }

std::vector<ViewInfo> law_views(const std::string& name) { return views_of(law_info(name)); }

std::vector<Measure> series_of(const LawInfo& law) {
  auto series = law.measures;
  series.push_back({"activity", "", "mean absolute change of a cell in the last step"});
  return series;
}

}  // namespace atheria
