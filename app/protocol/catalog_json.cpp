#include "app/protocol/catalog_json.h"

#include "engine/run/catalog.h"

namespace atheria::wire {

json::object world_json(const WorldState& state) {
  const LawInfo& law = law_info(state.spec.law);
  return world_json(state, law, law_views(law.name), series_of(law));
}

json::array laws_json() {
  json::array out;
  for (const LawInfo* law : law_catalog()) out.push_back(law_json(*law, law_views(law->name)));
  return out;
}

json::array topics_json(const std::vector<WorldState>& states) {
  json::array out;
  for (const WorldState& state : states)
    for (json::value& topic : topics_json(state, law_views(state.spec.law)))
      out.push_back(std::move(topic));
  return out;
}

}  // namespace atheria::wire
