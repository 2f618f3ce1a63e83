#include "app/protocol/requests.h"
#include "app/server/commands.h"

// Ops that make, delete and change worlds, and those that read numbers.
namespace atheria::server {

namespace json = wire::json;

namespace {

// Making or deleting a world may take seconds: on the hub's slow thread.
void slowly(Call& call, std::function<Outcome(WorldAccess&)> work, Call::Then then) {
  auto& worlds = call.hub().worlds();
  call.hub().run_slowly([&worlds, work = std::move(work), done = call.receiver(std::move(then))] {
    Outcome outcome;
    try {
      outcome = work(worlds);
    } catch (const Error& error) {
      outcome.error = error;
    } catch (const std::exception& error) {
      outcome.error = Error(ErrorKind::internal, error.what());
    }
    done(std::move(outcome));
  });
}

const WorldState& state_of(const Outcome& outcome) { return std::get<WorldState>(outcome.data); }

// What of a set is still to do.
using Rest = std::shared_ptr<std::vector<CommandBody>>;

// The first command of a set was taken; the others cannot fail and follow one by one.
void set_next(Call& call, const std::string& world, const Rest& rest, const Outcome& last) {
  if (rest->empty()) return reply_step(call, last);
  CommandBody body = std::move(rest->front());
  rest->erase(rest->begin());
  call.ask(world, std::move(body),
           [world, rest](Call& done, Outcome& outcome) { set_next(done, world, rest, outcome); });
}

}  // namespace

void create_world(Call& call) {
  const WorldSpec spec = wire::world_spec_of(call.args());
  slowly(
      call,
      [spec](WorldAccess& worlds) {
        Outcome outcome;
        outcome.data = worlds.create(spec);
        return outcome;
      },
      [](Call& done, Outcome& outcome) {
        const WorldState& state = state_of(outcome);
        done.hub().created(state);
        outcome.step = state.step;
        reply_step(done, outcome, {{"world", done.hub().world_json(state)}});
      });
}

void delete_world(Call& call) {
  const std::string name = call.world();
  const std::uint64_t step = call.hub().worlds().state(name).step;
  slowly(
      call,
      [name, step](WorldAccess& worlds) {
        worlds.remove(name);
        return Outcome{.error = {}, .step = step};
      },
      [name](Call& done, Outcome& outcome) {
        done.hub().removed(name);
        reply_step(done, outcome);
      });
}

void set_world(Call& call) {
  const std::string name = call.world();
  const Pace now = call.hub().worlds().state(name).spec.pace;
  const Rest commands = std::make_shared<std::vector<CommandBody>>(wire::set_of(call.args(), now));
  if (commands->empty())
    throw Error(ErrorKind::bad_args,
                "nothing to set: give params, pace, guard, law, preset or init", "args");
  set_next(call, name, commands, {});
}

void read_probe(Call& call) {
  const std::string name = call.world();
  const LawInfo& law = call.hub().law(call.hub().worlds().state(name).spec.law);
  std::vector<std::string> channels;
  for (const Channel& channel : law.channels) channels.push_back(channel.name);
  call.ask(name, wire::probe_of(call.args()), [channels](Call& done, Outcome& outcome) {
    const auto& result = std::get<ProbeResult>(outcome.data);
    json::object views;
    for (const auto& [view, value] : result.views) views[view] = wire::number_json(value);
    reply_step(
        done, outcome,
        {{"values", wire::named_json(channels, result.values)}, {"views", std::move(views)}});
  });
}

void read_histogram(Call& call) {
  const std::string name = call.world();
  command::ReadHistogram what = wire::histogram_of(call.args());
  if (what.view.empty()) what.view = call.hub().law(call.hub().worlds().state(name).spec.law).view;
  call.ask(name, what, [](Call& done, Outcome& outcome) {
    reply_step(done, outcome, wire::histogram_json(std::get<HistogramResult>(outcome.data)));
  });
}

void read_measures(Call& call) {
  const std::string name = call.world();
  const LawInfo& law = call.hub().law(call.hub().worlds().state(name).spec.law);
  std::vector<std::string> names;
  for (const Measure& measure : call.hub().worlds().series(law)) names.push_back(measure.name);
  call.ask(name, command::Measure{}, [names](Call& done, Outcome& outcome) {
    reply_step(done, outcome,
               {{"values", wire::named_json(names, std::get<MeasureResult>(outcome.data).values)}});
  });
}

}  // namespace atheria::server
