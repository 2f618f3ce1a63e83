#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/error.h"
#include "engine/view/render.h"

namespace atheria {

namespace {

void add_once(std::vector<ViewInfo>& views, ViewInfo view) {
  const auto same = [&](const ViewInfo& other) { return other.name == view.name; };
  if (std::none_of(views.begin(), views.end(), same)) views.push_back(std::move(view));
}

ViewInfo channel_view(const Channel& channel, const std::string& name) {
  return {.name = name, .title = name, .unit = channel.unit, .lo = channel.lo, .hi = channel.hi};
}

void add_complex_views(std::vector<ViewInfo>& views, const LawInfo& law) {
  const Channel& re = law.channels[0];
  const double largest = std::max(std::abs(re.lo), std::abs(re.hi));
  add_once(views, {.name = "density",
                   .title = "Density |psi|^2",
                   .unit = re.unit.empty() ? "" : "(" + re.unit + ")^2",
                   .lo = 0,
                   .hi = largest * largest});
  add_once(views, {.name = "phase",
                   .title = "Phase arg psi",
                   .unit = "rad",
                   .lo = -std::numbers::pi,
                   .hi = std::numbers::pi,
                   .cyclic = true});
  add_once(views, channel_view(re, "re"));
  add_once(views, channel_view(law.channels[1], "im"));
}

// A cell rarely crosses more than a tenth of its span in a step; a bit crosses all of it.
ViewInfo change_view(const LawInfo& law) {
  const bool bits = !law.dtypes.empty() && law.dtypes.front() == Dtype::bits;
  double span = 0;
  bool one_unit = true;
  for (const Channel& channel : law.channels) {
    span += channel.hi - channel.lo;
    one_unit = one_unit && channel.unit == law.channels.front().unit;
  }
  return {.name = "change",
          .title = "Change in one step",
          .unit = one_unit && !law.channels.empty() ? law.channels.front().unit : "",
          .lo = 0,
          .hi = bits ? span : span / 10};
}

}  // namespace

std::vector<ViewInfo> views_of(const LawInfo& law) {
  std::vector<ViewInfo> views;
  for (const Channel& channel : law.channels) add_once(views, channel_view(channel, channel.name));
  if (law.complex && law.channels.size() >= 2) add_complex_views(views, law);
  if (!law.complex && law.channels.size() >= 3) {
    add_once(views,
             {.name = "rgb", .title = "Colour", .unit = "", .lo = 0, .hi = 1, .channels = 3});
  }
  add_once(views, change_view(law));
  return views;
}

ViewInfo find_view(const LawInfo& law, const std::string& name) {
  const std::vector<ViewInfo> views = views_of(law);
  const std::string& wanted = name.empty() && !law.view.empty() ? law.view : name;
  if (wanted.empty()) return views.front();
  std::vector<std::string> names;
  for (const ViewInfo& view : views) {
    if (view.name == wanted) return view;
    names.push_back(view.name);
  }
  throw Error(ErrorKind::not_found, fmt::format("law '{}' has no view '{}'; it has {}", law.name,
                                                wanted, fmt::join(names, ", ")));
}

bool needs_previous(const ViewSpec& spec) { return spec.name == "change"; }

}  // namespace atheria
