#include "app/protocol/json.h"

#include <algorithm>

namespace atheria::wire {
namespace {

template <class List, class Function>
json::array each(const List& list, Function function) {
  json::array out;
  for (const auto& item : list) out.push_back(function(item));
  return out;
}

json::array strings(const std::vector<std::string>& list) {
  return each(list, [](const std::string& text) { return json::value(text); });
}

json::array range_json(double lo, double hi) { return {number_json(lo), number_json(hi)}; }

// Not the field's own function: it lives beside torch.
std::string_view dtype_name(atheria::Dtype dtype) {
  switch (dtype) {
    case atheria::Dtype::f32:
      return "f32";
    case atheria::Dtype::f64:
      return "f64";
    case atheria::Dtype::bits:
      return "bits";
  }
  return "";
}

json::value value_json(const ParamValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return number_json(*number);
  return json::value(std::get<std::string>(value));
}

std::string_view kind_name(ParamKind kind) {
  constexpr std::string_view names[] = {"number", "integer", "text", "choice"};
  return names[static_cast<std::size_t>(kind)];
}

json::object channel_json(const Channel& channel) {
  return {{"name", channel.name},
          {"unit", channel.unit},
          {"lo", number_json(channel.lo)},
          {"hi", number_json(channel.hi)},
          {"background", number_json(channel.background)},
          {"ink", number_json(channel.ink)}};
}

json::object preset_json(const Preset& preset) {
  return {{"name", preset.name},
          {"title", preset.title},
          {"params", params_json(preset.params)},
          {"init", preset.init}};
}

std::string_view state_name(const WorldState& state) {
  if (!state.failure.empty()) return "failed";
  return state.playing ? "playing" : "paused";
}

json::array shape_json(const GridSpec& grid) {
  if (grid.is_3d()) return {grid.depth, grid.height, grid.width};
  return {grid.height, grid.width};
}

}  // namespace

json::object view_json(const ViewInfo& view) {
  return {{"name", view.name},     {"title", view.title},
          {"unit", view.unit},     {"range", range_json(view.lo, view.hi)},
          {"cyclic", view.cyclic}, {"channels", view.channels}};
}

json::object measure_json(const Measure& measure) {
  return {{"name", measure.name}, {"unit", measure.unit}, {"about", measure.about}};
}

json::object param_json(const ParamSpec& param) {
  return {{"name", param.name},
          {"title", param.title},
          {"kind", kind_name(param.kind)},
          {"value", value_json(param.value)},
          {"lo", number_json(param.lo)},
          {"hi", number_json(param.hi)},
          {"step", number_json(param.step)},
          {"unit", param.unit},
          {"about", param.about},
          {"choices", strings(param.choices)}};
}

json::object params_json(const ParamMap& params) {
  json::object out;
  for (const auto& [name, value] : params) out[name] = value_json(value);
  return out;
}

json::object pace_json(const Pace& pace) {
  constexpr std::string_view modes[] = {"every", "manual", "full"};
  return {{"mode", modes[static_cast<std::size_t>(pace.mode)]},
          {"every", pace.every},
          {"maxFps", number_json(pace.max_fps)},
          {"stepsPerSecond", number_json(pace.steps_per_second)}};
}

json::object law_json(const LawInfo& law, const std::vector<ViewInfo>& views) {
  return {{"name", law.name},
          {"title", law.title},
          {"about", law.about},
          {"equation", law.equation},
          {"reference", law.reference},
          {"channels", each(law.channels, channel_json)},
          {"radius", law.radius},
          {"complex", law.complex},
          {"stochastic", law.stochastic},
          {"dimensions", each(law.dimensions, [](int d) { return json::value(d); })},
          {"dtypes", each(law.dtypes, [](auto dtype) { return json::value(dtype_name(dtype)); })},
          {"measures", each(law.measures, measure_json)},
          {"params", each(law.params, param_json)},
          {"presets", each(law.presets, preset_json)},
          {"init", law.init},
          {"view", law.view},
          {"colormap", law.colormap},
          {"views", each(views, view_json)}};
}

json::object world_json(const WorldState& state, const LawInfo& law,
                        const std::vector<ViewInfo>& views, const std::vector<Measure>& series) {
  const WorldSpec& spec = state.spec;
  const json::value failure = state.failure.empty() ? json::value() : json::value(state.failure);
  return {{"name", spec.name},
          {"law", spec.law},
          {"title", law.title},
          {"preset", spec.preset},
          {"size", {spec.grid.width, spec.grid.height, spec.grid.depth}},
          {"dtype", spec.dtype},
          {"device", spec.device},
          {"path", spec.path},
          {"init", spec.init},
          {"seed", integer_json(spec.seed)},
          {"params", params_json(spec.params)},
          {"pace", pace_json(spec.pace)},
          {"guard", spec.guard == Guard::pause ? "pause" : "off"},
          {"state", state_name(state)},
          {"step", state.step},
          {"time", number_json(state.time)},
          {"stepsPerSecond", number_json(state.steps_per_second)},
          {"cellsPerSecond", number_json(state.cells_per_second)},
          {"failure", failure},
          {"undo", state.undo},
          {"redo", state.redo},
          {"revision", state.revision},
          {"leasedBy", state.leased_by.empty() ? json::value() : json::value(state.leased_by)},
          {"views", each(views, view_json)},
          {"series", each(series, measure_json)}};
}

json::array topics_json(const WorldState& state, const std::vector<ViewInfo>& views) {
  return each(views, [&](const ViewInfo& view) {
    return json::object{{"topic", state.spec.name + "/" + view.name},
                        {"shape", shape_json(state.spec.grid)},
                        {"dtype", state.spec.dtype},
                        {"range", range_json(view.lo, view.hi)},
                        {"unit", view.unit},
                        {"cyclic", view.cyclic},
                        {"channels", view.channels}};
  });
}

std::string topic_of(const std::string& stream) {
  return std::string(kStreamTopics) + "/" + stream;
}

json::object topic_json(const StreamInfo& stream) {
  const auto& [width, height, channels, range] = stream.shape;
  return {{"topic", topic_of(stream.name)},
          {"shape", {height, width}},
          {"dtype", "f32"},
          {"range", range ? json::value(range_json(range->first, range->second)) : json::value()},
          {"unit", ""},
          {"cyclic", false},
          {"channels", channels}};
}

json::object histogram_json(const HistogramResult& result) {
  return {{"range", range_json(result.lo, result.hi)},
          {"counts", each(result.counts, [](std::uint64_t n) { return json::value(n); })},
          {"nan", result.nan}};
}

json::object named_json(const std::vector<std::string>& names, const std::vector<double>& values) {
  json::object out;
  for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i)
    out[names[i]] = number_json(values[i]);
  return out;
}

}  // namespace atheria::wire
