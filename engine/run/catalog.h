#pragma once

#include <string>
#include <vector>

#include "engine/law/info.h"
#include "engine/view/view.h"

// The laws as data, for rooms that may not include torch.
namespace atheria {

// As they are now: laws may be added while the process runs. What was returned stays valid.
const std::vector<const LawInfo*>& law_catalog();

// Throws Error (not_found).
const LawInfo& law_info(const std::string& name);
bool is_built_in(const std::string& name);  // false: added while the process runs, or none
std::vector<ViewInfo> law_views(const std::string& name);

// LawInfo::measures, then "activity" (mean absolute change of a cell in the last step).
std::vector<Measure> series_of(const LawInfo& law);

}  // namespace atheria
