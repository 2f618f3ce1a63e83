#include "app/server/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "atheria_build.h"

namespace atheria::server {
namespace {

class Text {
 public:
  void head(const char* name, const char* kind, const char* help) {
    fmt::format_to(out(), "# HELP atheria_{} {}\n# TYPE atheria_{} {}\n", name, help, name, kind);
  }
  void value(const char* name, double value, const std::string& labels = {}) {
    fmt::format_to(out(), "atheria_{}{} {}\n", name, labels, value);
  }
  void one(const char* name, const char* kind, const char* help, double number) {
    head(name, kind, help);
    value(name, number);
  }
  std::string take() { return std::move(text_); }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }
  std::string text_;
};

double number(std::uint64_t count) { return static_cast<double>(count); }

// World names are [A-Za-z0-9_.-], so nothing needs escaping.
std::string world_label(const WorldState& world) {
  return fmt::format("{{world=\"{}\",law=\"{}\"}}", world.spec.name, world.spec.law);
}

void write_worlds(Text& text, const std::vector<WorldState>& worlds) {
  text.one("worlds", "gauge", "Worlds there are.", number(worlds.size()));
  text.head("world_step", "gauge", "The step a world is at.");
  for (const auto& world : worlds) text.value("world_step", number(world.step), world_label(world));
  text.head("world_steps_per_second", "gauge", "Steps a second, over the last second.");
  for (const auto& world : worlds)
    text.value("world_steps_per_second", world.steps_per_second, world_label(world));
  text.head("world_cells_per_second", "gauge", "Cells updated a second, over the last second.");
  for (const auto& world : worlds)
    text.value("world_cells_per_second", world.cells_per_second, world_label(world));
  text.head("world_failed", "gauge", "1 when a world paused itself because its law failed.");
  for (const auto& world : worlds)
    text.value("world_failed", world.failure.empty() ? 0 : 1, world_label(world));
}

void write_streams(Text& text, const Metrics& m) {
  text.one("frames_offered_total", "counter", "Frames offered to subscriptions.",
           number(m.frames_offered));
  text.one("frames_sent_total", "counter", "Frames fully sent.", number(m.frames_sent));
  text.head("ws_dropped_frames_total", "counter", "Frames not sent, by reason.");
  text.value("ws_dropped_frames_total", number(m.dropped_newer), "{reason=\"newer\"}");
  text.value("ws_dropped_frames_total", number(m.dropped_encoder), "{reason=\"encoder\"}");
  text.value("ws_dropped_frames_total", number(m.dropped_full), "{reason=\"full\"}");
  text.one("frames_quantised_total", "counter", "Pictures turned into codes.", number(m.quantised));
  text.one("frames_encoded_total", "counter",
           "Encodings made; one shared by several clients counts once.", number(m.encodes));
  text.one("encoder_seconds_total", "counter", "Time the encoder thread worked.",
           m.encoder_seconds);
  text.one("subscriptions_stalled_total", "counter", "Subscriptions stopped for want of ACKs.",
           number(m.stalled_subscriptions));
}

void write_network(Text& text, const Metrics& m, const Gauges& now) {
  text.one("connections", "gauge", "WebSocket connections.", number(now.connections));
  text.one("sockets", "gauge", "TCP connections of any kind.", number(now.sockets));
  text.one("subscriptions", "gauge", "Subscriptions.", number(now.subscriptions));
  text.one("ws_pending_bytes", "gauge", "Bytes waiting for clients.", number(now.pending_bytes));
  text.one("connections_total", "counter", "TCP connections accepted.",
           number(m.connections_total));
  text.one("connections_refused_total", "counter", "TCP connections over a limit.",
           number(m.refused_connections));
  text.one("http_requests_total", "counter", "HTTP requests.", number(m.http_requests));
  text.one("requests_total", "counter", "Requests of WebSocket clients.", number(m.requests));
  text.one("requests_failed_total", "counter", "Requests answered with an error.",
           number(m.failed_requests));
  text.head("ws_messages_total", "counter", "WebSocket messages, by direction.");
  text.value("ws_messages_total", number(m.messages_in), "{direction=\"in\"}");
  text.value("ws_messages_total", number(m.messages_out), "{direction=\"out\"}");
  text.head("ws_bytes_total", "counter",
            "Bytes of finished WebSocket connections and of live ones.");
  text.value("ws_bytes_total", number(m.bytes_in), "{direction=\"in\"}");
  text.value("ws_bytes_total", number(m.bytes_out), "{direction=\"out\"}");
  text.one("auth_failures_total", "counter", "Wrong credentials.", number(now.auth_failures));
  text.one("ws_slow_disconnects_total", "counter",
           "Connections ended because the peer did not read.", number(m.slow_disconnects));
}

void write_python(Text& text, const Metrics& m, const Gauges& now) {
  text.head("python_plane", "gauge", "1 for the plane Python is on.");
  for (const char* plane : {"off", "starting", "idle", "busy", "cancelling", "stuck", "failed"})
    text.value("python_plane", now.plane == plane ? 1 : 0, fmt::format("{{plane=\"{}\"}}", plane));
  text.head("script_jobs", "gauge", "Jobs Python remembers, by state.");
  for (const char* state : {"queued", "running", "cancelling", "done"})
    text.value("script_jobs",
               static_cast<double>(std::ranges::count(now.jobs, state, &ScriptStatus::state)),
               fmt::format("{{state=\"{}\"}}", state));
  text.one("scripts_total", "counter", "Scripts taken to be run.", number(m.scripts));
  text.one("script_output_bytes_total", "counter", "Bytes of scripts' output handed to clients.",
           number(m.script_output_bytes));
  text.one("script_output_lost_bytes_total", "counter",
           "Bytes that scripts wrote and were not kept.", number(m.script_output_lost));
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double pages_total = 0, pages = 0;
  file >> pages_total >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator all("/proc/self/fd", error);
  return error ? 0 : static_cast<double>(std::distance(begin(all), end(all)) - 1);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

std::string metrics_text(const Metrics& metrics, const Gauges& gauges) {
  Text text;
  text.head("build_info", "gauge", "What is running.");
  text.value("build_info", 1,
             fmt::format("{{version=\"{}\",torch=\"{}\",compiler=\"{}\"}}", build::kVersion,
                         build::kTorchVersion, build::kCompiler));
  write_worlds(text, gauges.worlds);
  write_streams(text, metrics);
  write_network(text, metrics, gauges);
  write_python(text, metrics, gauges);
  std::string out = text.take();
  out += fmt::format(
      "# HELP process_resident_memory_bytes Resident memory.\n# TYPE process_resident_memory_bytes "
      "gauge\n"
      "process_resident_memory_bytes {}\n# HELP process_open_fds Open file descriptors.\n"
      "# TYPE process_open_fds gauge\nprocess_open_fds {}\n# HELP process_cpu_seconds_total User "
      "and system "
      "time.\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {}\n",
      resident_bytes(), open_descriptors(), cpu_seconds());
  return out;
}

}  // namespace atheria::server
