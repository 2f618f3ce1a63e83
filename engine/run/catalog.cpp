#include "engine/run/catalog.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "engine/law/laws.h"
#include "engine/view/render.h"

namespace atheria {

const std::vector<const LawInfo*>& law_catalog() {
  // Each list that was ever handed out is kept: they are few, and readers hold references.
  static std::mutex mutex;
  static auto* const lists = new std::deque<std::vector<const LawInfo*>>;
  std::vector<const LawInfo*> infos;
  for (const auto* law : all_laws()) infos.push_back(&law->info());
  const std::lock_guard lock(mutex);
  if (lists->empty() || lists->back() != infos) lists->push_back(std::move(infos));
  return lists->back();
}

const LawInfo& law_info(const std::string& name) { return find_law(name).info(); }

bool is_built_in(const std::string& name) {
  return std::ranges::any_of(builtin_laws(),
                             [&](const auto& law) { return law->info().name == name; });
}

std::vector<ViewInfo> law_views(const std::string& name) { return views_of(law_info(name)); }

std::vector<Measure> series_of(const LawInfo& law) {
  auto series = law.measures;
  series.push_back({"activity", "", "mean absolute change of a cell in the last step"});
  return series;
}

}  // namespace atheria
