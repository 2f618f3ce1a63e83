#include <fmt/format.h>

#include <algorithm>

#include "app/bench/contender.h"
#include "app/cli/machine.h"
#include "engine/run/catalog.h"

namespace atheria::bench {
namespace {

namespace json = wire::json;

json::value param_json(const ParamValue& value) {
  if (const auto* const number = std::get_if<double>(&value)) return *number;
  return json::string(std::get<std::string>(value));
}

// All of the law's, with the row's own over the defaults, and what only the comparison has over both.
json::object params_json(const Row& row, const std::string& weights) {
  json::object params;
  for (const ParamSpec& spec : law_info(row.world.law).params)
    params[spec.name] = param_json(spec.value);
  for (const auto* const some : {&row.world.params, &row.check})
    for (const auto& [name, value] : *some) params[name] = param_json(value);
  if (params.contains("weights")) params["weights"] = weights;
  return params;
}

std::string text_in(const json::object& answer, const char* name) {
  const json::value* const value = answer.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace

json::object preparation(const Row& row, const std::string& state, const BenchFolder& folder,
                         const std::string& weights, int threads, double seconds) {
  const LawInfo& law = law_info(row.world.law);
  const GridSpec& grid = row.world.grid;
  return {{"op", "prepare"},
          {"row", row.name},
          {"law", law.name},
          {"width", grid.width},
          {"height", grid.height},
          {"depth", grid.depth},
          {"channels", law.channels.size()},
          {"worlds", row.worlds},
          {"bits", law.dtypes.front() == Dtype::bits},
          {"params", params_json(row, weights)},
          {"state", state},
          {"folder", folder.path()},
          {"threads", threads},
          {"window", row.window},
          {"seconds", seconds},
          {"more", {{"plane", row.start != Start::law}}}};
}

std::string cure_for(const std::string& missing) {
  if (missing == "bgolly") return "bgolly is missing: ./ath setup installs it (Debian's golly)";
  return fmt::format("{} is missing: ./ath setup --bench installs it", missing);
}

Theirs::Theirs(const std::string& name, const Row& row, const PeerPlace& place,
               const BenchFolder& folder, const std::string& weights, double seconds)
    : place_(place), process_(name, {place.python, place.script, name}, folder.path()) {
  const json::object answer = process_.ask(
      preparation(row, folder.file(row.name + ".raw"), folder, weights, place.threads, seconds),
      place.limit_seconds);
  const std::string missing = text_in(answer, "missing");
  if (!missing.empty()) throw Error(ErrorKind::unsupported, cure_for(missing));
  const std::string error = text_in(answer, "error");
  if (!error.empty()) throw PeerFailed(fmt::format("{}: {}", name, error));
  version = text_in(answer, "version");
  form = text_in(answer, "form");
}

json::object Theirs::ask(const json::object& request) {
  json::object answer = process_.ask(request, place_.limit_seconds);
  const std::string error = text_in(answer, "error");
  if (!error.empty()) throw PeerFailed(error);
  return answer;
}

std::vector<std::uint8_t> Theirs::after(std::uint32_t steps) {
  return read_bytes(text_in(ask({{"op", "check"}, {"steps", steps}}), "state"));
}

Timing Theirs::time(double seconds) {
  const json::object answer = ask({{"op", "time"}, {"seconds", seconds}});
  try {
    return {answer.at("steps").to_number<std::uint64_t>(), answer.at("wall").to_number<double>(),
            answer.at("cpu").to_number<double>()};
  } catch (const std::exception&) {
    throw PeerFailed(fmt::format("no timing: {}", json::serialize(answer)));
  }
}

double Theirs::peak_bytes() {
  const json::object answer = ask({{"op", "rss"}});
  const json::value* const bytes = answer.if_contains("bytes");
  return bytes != nullptr && bytes->is_number() ? bytes->to_number<double>() : 0;
}

}  // namespace atheria::bench
