#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "app/protocol/guests.h"
#include "app/server/commands.h"
#include "app/server/guest.h"

// Ops of programs beside the server that are not about one world alone: forks, pictures of their own,
// how far a job is.
namespace atheria::server {

namespace json = wire::json;

namespace {

std::string free_name(Hub& hub, const std::string& parent) {
  const auto states = hub.worlds().states();
  for (std::size_t i = 1;; ++i) {
    auto name = fmt::format("{}-{}", parent, i);
    if (std::ranges::none_of(states, [&](const auto& one) { return one.spec.name == name; }))
      return name;
  }
}

// The field goes into the world that was made for it; without it the world goes, too.
void fill(Call& call, const std::string& name, const FieldParcel& parcel, bool keep) {
  Hub& hub = call.hub();
  const auto remove = [&hub, name] {
    hub.run_slowly([&hub, name] {
      try {
        hub.worlds().remove(name);
      } catch (const Error&) {  // somebody was faster
        return;
      }
      boost::asio::post(hub.io(), [&hub, name] { hub.removed(name); });
    });
  };
  const auto put = [parcel](Simulation& world) { parcel.put_into(world); };
  const auto then = [name, keep, remove](Call& done, Outcome& outcome) {
    const auto connection = done.connection();
    Guest* const guest = connection ? connection->guest() : nullptr;
    if (guest != nullptr && !keep) guest->forked(name);
    if (guest == nullptr && !keep) remove();  // who asked for it has gone meanwhile
    reply_step(done, outcome, {{"world", done.hub().world_json(done.hub().worlds().state(name))}});
  };
  const auto failed = [remove](Call&, Outcome&) { remove(); };
  hub.worlds().post(name, {.body = command::Visit{put}, .reply = call.receiver(then, failed)});
}

// Making a world may take seconds: on the hub's slow thread.
void make_fork(Call& call, WorldSpec spec, const FieldParcel& parcel, bool keep) {
  spec.playing = false;
  const auto then = [parcel, keep](Call& done, Outcome& outcome) {
    const auto& state = std::get<WorldState>(outcome.data);
    done.hub().created(state);
    fill(done, state.spec.name, parcel, keep);
  };
  call.hub().run_slowly(
      [&worlds = call.hub().worlds(), spec = std::move(spec), done = call.receiver(then)] {
        Outcome outcome;
        try {
          outcome.data = worlds.create(spec);
        } catch (const Error& error) {
          outcome.error = error;
        } catch (const std::exception& error) {
          outcome.error = Error(ErrorKind::internal, error.what());
        }
        done(std::move(outcome));
      });
}

}  // namespace

void fork_world(Call& call) {
  const wire::ForkWish wish = wire::fork_wish_of(call.args());
  const std::string parent = call.world();
  if (!wish.keep) guest_of(call).check_forks();
  const auto parcel = std::make_shared<FieldParcel>();
  const auto take = [parcel](Simulation& world) { parcel->take(world); };
  call.ask(parent, command::Visit{take}, [=](Call& done, Outcome&) {
    WorldSpec spec = done.hub().worlds().state(parent).spec;
    spec.name = wish.name.empty() ? free_name(done.hub(), parent) : wish.name;
    make_fork(done, std::move(spec), *parcel, wish.keep);
  });
}

void put_stream(Call& call) {
  const wire::PictureWish wish = wire::picture_wish_of(call.args());
  const auto bytes = guest_of(call).uploads().take(wish.upload);
  StreamPicture picture{wish.stream, wish.shape, {}};
  picture.values.resize(static_cast<std::size_t>(wish.shape.width) *
                        static_cast<std::size_t>(wish.shape.height) *
                        static_cast<std::size_t>(wish.shape.channels));
  if (bytes.size() != picture.values.size() * sizeof(float))
    throw Error(
        ErrorKind::bad_args,
        fmt::format("the picture is {} numbers of float32, {} bytes; got {}", picture.values.size(),
                    picture.values.size() * sizeof(float), bytes.size()),
        "upload");
  std::memcpy(picture.values.data(), bytes.data(), bytes.size());
  call.reply(json::object{{"puts", call.hub().streams().put(std::move(picture))}});
}

void drop_stream(Call& call) {
  call.hub().streams().drop(wire::stream_of(call.args()));
  call.reply(json::object{});
}

void list_streams(Call& call) {
  json::array streams;
  for (const StreamInfo& stream : call.hub().streams().list())
    streams.push_back(wire::stream_json(stream));
  call.reply(json::object{{"streams", std::move(streams)}});
}

void report_progress(Call& call) {
  const wire::Progress progress = wire::progress_of(call.args());
  call.hub().scripts().access().progress(progress.job, progress.fraction, progress.text);
  call.reply(json::object{});
}

void extend_grace(Call& call) {
  const auto seconds = call.args().number("seconds", 0, 1e6);
  const double left =
      call.hub().scripts().access().extend_grace(wire::job_of(call.args()), seconds.value_or(0));
  call.reply(json::object{{"seconds", left}});
}

}  // namespace atheria::server
