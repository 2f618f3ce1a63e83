#include <fmt/format.h>
#include <pybind11/stl.h>

#include <map>

#include "app/protocol/catalog_json.h"
#include "app/protocol/messages.h"
#include "app/protocol/requests.h"
#include "engine/run/catalog.h"
#include "pyhost/bindings/ask.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/module.h"

// The ops of PROTOCOL.md section 4 that are about laws, worlds and fields, as JSON text in and out: the same
// words as on the wire, without a wire.
namespace atheria::pyhost {
namespace {

namespace json = wire::json;

struct Call {
  wire::Args args;
  std::optional<double> seconds;  // nothing: the op's own

  Outcome ask(CommandBody body, const std::string& world) const {
    return pyhost::ask(world, std::move(body), seconds.value_or(kAnswerSeconds));
  }
};

// The world named, or the only one.
std::string world_of(const Call& call) {
  auto name = wire::world_of(call.args);
  if (!name.empty()) return name;
  const auto states = unlocked([] { return door().states(); });
  if (states.size() == 1) return states.front().spec.name;
  throw Error(ErrorKind::bad_args,
              fmt::format("say which world: there are {}, not exactly one", states.size()),
              "args.world");
}

WorldState state_of(const std::string& world) {
  return unlocked([&] { return door().find(world)->state(); });
}

json::object reply(const Outcome& outcome, json::object more = {}) {
  more["step"] = wire::integer_json(outcome.step);
  return more;
}

std::string law_of(const std::string& world) { return state_of(world).spec.law; }

// An op that is one command.
template <class Make>
auto simple(Make make) {
  return [make](const Call& call) {
    const auto world = world_of(call);
    return reply(call.ask(make(call.args), world));
  };
}
template <class Body>
auto simple() {
  return simple([](const wire::Args&) { return Body{}; });
}

json::object list_worlds(const Call&) {
  json::array worlds;
  for (const auto& state : unlocked([] { return door().states(); }))
    worlds.push_back(wire::world_json(state));
  return {{"worlds", std::move(worlds)}};
}

json::object get_world(const Call& call) {
  const auto outcome = call.ask(command::Describe{}, world_of(call));
  return reply(outcome, {{"world", wire::world_json(std::get<WorldState>(outcome.data))}});
}

json::object create_world(const Call& call) {
  const auto spec = wire::world_spec_of(call.args);
  const auto state = unlocked([&] { return door().create(spec); });
  return {{"step", state.step}, {"world", wire::world_json(state)}};
}

json::object delete_world(const Call& call) {
  const auto world = world_of(call);
  const auto step = state_of(world).step;
  unlocked([&] { door().remove(world); });
  return {{"step", wire::integer_json(step)}};
}

// Without a limit of time: the steps take what they take. Who is interrupted meanwhile does not want
// them to go on.
json::object step_world(const Call& call) {
  const auto world = world_of(call);
  const auto stop = [&] { door().find(world)->post({command::Pause{}}); };
  return reply(ask(world, wire::step_of(call.args), call.seconds.value_or(kForever), stop));
}

json::object set_world(const Call& call) {
  const auto world = world_of(call);
  Outcome last;
  for (auto& body : wire::set_of(call.args, state_of(world).spec.pace))
    last = call.ask(std::move(body), world);
  return reply(last);
}

json::object read_probe(const Call& call) {
  const auto world = world_of(call);
  std::vector<std::string> channels;
  for (const auto& channel : law_info(law_of(world)).channels) channels.push_back(channel.name);
  const auto outcome = call.ask(wire::probe_of(call.args), world);
  const auto& result = std::get<ProbeResult>(outcome.data);
  json::object views;
  for (const auto& [view, value] : result.views) views[view] = wire::number_json(value);
  return reply(outcome, {{"values", wire::named_json(channels, result.values)},
                         {"views", std::move(views)}});
}

json::object read_histogram(const Call& call) {
  const auto world = world_of(call);
  auto what = wire::histogram_of(call.args);
  if (what.view.empty()) what.view = law_info(law_of(world)).view;
  const auto outcome = call.ask(what, world);
  return reply(outcome, wire::histogram_json(std::get<HistogramResult>(outcome.data)));
}

json::object read_measures(const Call& call) {
  const auto world = world_of(call);
  std::vector<std::string> names;
  for (const auto& measure : series_of(law_info(law_of(world)))) names.push_back(measure.name);
  const auto outcome = call.ask(command::Measure{}, world);
  return reply(outcome,
               {{"values", wire::named_json(names, std::get<MeasureResult>(outcome.data).values)}});
}

json::object list_laws(const Call&) { return {{"laws", wire::laws_json()}}; }

using Ops = std::map<std::string, std::function<json::object(const Call&)>>;

const Ops& ops() {
  static const auto* const all = new Ops{
      {"law.list", list_laws},
      {"sim.list", list_worlds},
      {"sim.get", get_world},
      {"sim.create", create_world},
      {"sim.delete", delete_world},
      {"sim.play", simple<command::Play>()},
      {"sim.pause", simple<command::Pause>()},
      {"sim.step", step_world},
      {"sim.reset", simple<command::Reset>()},
      {"sim.set", set_world},
      {"field.seed", simple(wire::seed_of)},
      {"field.paint", simple(wire::paint_of)},
      {"field.undo", simple<command::Undo>()},
      {"field.redo", simple<command::Redo>()},
      {"probe.read", read_probe},
      {"field.histogram", read_histogram},
      {"field.measure", read_measures},
  };
  return *all;
}

pybind11::str request(const std::string& op, const std::string& args,
                      std::optional<double> seconds) {
  const auto found = ops().find(op);
  if (found == ops().end())
    raise(
        "unknown_op",
        fmt::format("no op '{}' here; PROTOCOL.md lists those about laws, worlds and fields", op));
  const auto value = wire::parse_json(args);
  if (!value.is_object())
    throw Error(ErrorKind::bad_args, "the arguments of an op are a JSON object", "args");
  return text(json::serialize(found->second({wire::Args(value.get_object()), seconds})));
}

}  // namespace

void bind_requests(pybind11::module_& module) {
  module.def("request", request, pybind11::arg("op"), pybind11::arg("args") = "{}",
             pybind11::arg("timeout") = pybind11::none(),
             "JSON text in, JSON text of the result out. timeout in seconds: 30 if not given, none "
             "for sim.step; "
             "below 0: none.");
}

}  // namespace atheria::pyhost
