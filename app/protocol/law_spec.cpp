#include "app/protocol/law_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

constexpr double kLargest = 1e30;

std::string name_of(const Args& args) {
  constexpr std::string_view rule = "1..64 of a-z A-Z 0-9 _ and -";
  const auto name = args.text("name", 64);
  if (!name) args.missing("name", rule);
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  if (name->empty() || !std::ranges::all_of(*name, fits)) args.wrong("name", rule);
  return *name;
}

// Calls `read` with each object of an array.
template <class Read>
auto each(const Args& args, std::string_view name, Read read) {
  std::vector<decltype(read(args))> all;
  const json::array* const items = args.array(name);
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    const auto path = fmt::format("{}[{}]", name, i);
    if (!items->at(i).is_object()) args.wrong(name, "an array of objects");
    all.push_back(read(Args(items->at(i).get_object(), args.path_of(path))));
  }
  return all;
}

Channel channel_in(const Args& args) {
  Channel channel;
  channel.name = name_of(args);
  channel.unit = args.text("unit").value_or("");
  channel.lo = args.number("lo", -kLargest, kLargest).value_or(0);
  channel.hi = args.number("hi", -kLargest, kLargest).value_or(1);
  channel.background = args.number("background", -kLargest, kLargest).value_or(0);
  channel.ink = args.number("ink", -kLargest, kLargest).value_or(1);
  if (channel.lo >= channel.hi) args.wrong("hi", "above lo");
  return channel;
}

ParamSpec param_in(const Args& args) {
  ParamSpec param;
  param.name = name_of(args);
  param.title = args.text("title").value_or(param.name);
  param.unit = args.text("unit").value_or("");
  param.about = args.text("about", 4096).value_or("");
  param.choices = args.texts("choices").value_or(std::vector<std::string>{});
  const auto* const value = args.value("value");
  if (value == nullptr) args.missing("value", "its default: a number or text");
  if (value->is_string()) {
    param.kind = param.choices.empty() ? ParamKind::text : ParamKind::choice;
    param.value = *args.text("value", 4096);
    return param;
  }
  param.value = *args.number("value", -kLargest, kLargest);
  param.lo = args.number("lo", -kLargest, kLargest).value_or(-kLargest);
  param.hi = args.number("hi", -kLargest, kLargest).value_or(kLargest);
  const double number = std::get<double>(param.value);
  if (!(param.lo <= number && number <= param.hi))
    args.wrong("value", fmt::format("within its range {:g}..{:g}", param.lo, param.hi));
  param.step = args.number("step", 0, kLargest).value_or(0);
  return param;
}

std::vector<atheria::Dtype> dtypes_of(const Args& args) {
  std::vector<atheria::Dtype> dtypes;
  for (const auto& name : args.texts("dtypes").value_or(std::vector<std::string>{"f32"})) {
    if (name != "f32" && name != "f64") args.wrong("dtypes", "f32 and f64");
    dtypes.push_back(name == "f32" ? atheria::Dtype::f32 : atheria::Dtype::f64);
  }
  if (dtypes.empty()) args.wrong("dtypes", "at least one of f32 and f64");
  return dtypes;
}

void check(const LawInfo& info, const Args& args) {
  const auto most = std::size_t{64};
  if (info.channels.empty() || info.channels.size() > most)
    args.wrong("channels", "1..64 objects with a name");
  if (info.complex && info.channels.size() != 2)
    args.wrong("channels", "two, real and imaginary, as the law is complex");
  auto names = std::vector<std::string>();
  for (const auto& channel : info.channels) names.push_back(channel.name);
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end())
    args.wrong("channels", "of different names");
}

}  // namespace

LawSpec law_spec_of(const std::string& text, const std::string& written) {
  const auto value = parse_json(text);
  if (!value.is_object())
    throw Error(ErrorKind::bad_args, "a law's description is a JSON object", "spec");
  return law_spec_of(Args(value.get_object(), "spec"), written);
}

LawSpec law_spec_of(const Args& args, const std::string& written) {
  LawSpec spec;
  auto& info = spec.info;
  info.name = name_of(args);
  info.title = args.text("title").value_or(info.name);
  info.about = args.text("about", 16'384).value_or("");
  info.about += info.about.empty() ? written : fmt::format(" ({})", written);
  info.equation = args.text("equation", 16'384).value_or("");
  info.reference = args.text("reference", 4096).value_or("a script of this server");
  info.channels = each(args, "channels", channel_in);
  info.params = each(args, "params", param_in);
  info.radius = static_cast<int>(args.integer("radius", -1, 4096).value_or(kGlobalRadius));
  info.complex = args.boolean("complex").value_or(false);
  if (const auto dimensions = args.integers("dimensions", 1, 2, 2, 3))
    info.dimensions.assign(dimensions->begin(), dimensions->end());
  info.dtypes = dtypes_of(args);
  info.init = args.text("init", 4096).value_or("noise");
  info.time_step = args.number("time_step", 0, kLargest).value_or(1);
  info.colormap = args.text("colormap").value_or("viridis");
  check(info, args);
  info.view = args.text("view").value_or(info.channels.front().name);
  for (const auto& channel : info.channels)
    info.measures.push_back(
        {"mean_" + channel.name, channel.unit, "mean of " + channel.name + " over all cells"});
  spec.budget = std::chrono::milliseconds(args.integer("budget_ms", 1, 60'000).value_or(1000));
  return spec;
}

}  // namespace atheria::wire
