#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/law/law.h"

namespace atheria {

// Every law there is, in the order a person would like to meet them. Built once; lives as long as
// the process.
const std::vector<std::unique_ptr<Law>>& builtin_laws();

// Those, and what was added since. Any thread.
std::vector<const Law*> all_laws();

// Adds a law while worlds run; it lives as long as the process. One added before under its name is
// replaced for what is made from now on. Throws Error (conflict) when the name is built in, or when
// the channels differ from those of the one it replaces: worlds have it. Any thread.
void add_law(std::unique_ptr<Law> law);

// Throws Error (not_found) listing the names that exist.
const Law& find_law(std::string_view name);

}  // namespace atheria
