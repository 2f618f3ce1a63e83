#pragma once

#include "app/protocol/json.h"

// The same, with what the catalogue of laws knows.
namespace atheria::wire {

json::object world_json(const WorldState& state);
json::array laws_json();
json::array topics_json(const std::vector<WorldState>& states);

}  // namespace atheria::wire
