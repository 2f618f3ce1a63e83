#pragma once

#include <vector>

#include "app/protocol/json_text.h"
#include "app/protocol/stream_types.h"
#include "engine/law/info.h"
#include "engine/run/command.h"
#include "engine/run/world.h"
#include "engine/view/view.h"

// The objects of PROTOCOL.md section 3.
namespace atheria::wire {

json::object view_json(const ViewInfo& view);
json::object measure_json(const Measure& measure);
json::object param_json(const ParamSpec& param);
json::object law_json(const LawInfo& law, const std::vector<ViewInfo>& views);
json::object params_json(const ParamMap& params);
json::object pace_json(const Pace& pace);

// `law`, `views` and `series` are those of state.spec.law; see catalog_json.h.
json::object world_json(const WorldState& state, const LawInfo& law,
                        const std::vector<ViewInfo>& views, const std::vector<Measure>& series);

// Topics of one world, for hello: one a view, then WORLD/series.
json::array topics_json(const WorldState& state, const std::vector<ViewInfo>& views);
std::string topic_of(const std::string& stream);  // "stream/NAME"
json::object topic_json(const StreamInfo& stream);

// The results of field.histogram, field.measure and probe.read; names in the order of the values.
json::object histogram_json(const HistogramResult& result);
json::object named_json(const std::vector<std::string>& names, const std::vector<double>& values);

}  // namespace atheria::wire
