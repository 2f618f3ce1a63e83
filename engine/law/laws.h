#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/law/law.h"

namespace atheria {

// Every law there is, in the order a person would like to meet them. Built once; lives as long as
// the process.
const std::vector<std::unique_ptr<Law>>& builtin_laws();

// Throws Error (not_found) listing the names that exist.
const Law& find_law(std::string_view name);

}  // namespace atheria
