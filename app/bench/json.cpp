#include "app/bench/json.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "engine/base/error.h"

namespace atheria::bench {
namespace {

namespace json = wire::json;

constexpr int kFormat = 1;

json::array numbers(const std::vector<double>& values) {
  json::array list;
  for (const double value : values) list.push_back(wire::number_json(value));
  return list;
}

std::vector<double> numbers_of(const json::value& value) {
  std::vector<double> list;
  for (const json::value& one : value.as_array()) list.push_back(one.to_number<double>());
  return list;
}

std::string text_of(const json::object& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

double number_of(const json::object& object, std::string_view name) {
  return object.at(name).to_number<double>();
}

json::object side_json(const Side& side) {
  return {{"name", side.name},
          {"version", side.version},
          {"form", side.form},
          {"values", numbers(side.values)},
          {"perCpu", numbers(side.per_cpu)},
          {"perCore", side.per_core},
          {"agreement", side.agreement},
          {"agrees", side.agrees},
          {"peakBytes", wire::number_json(side.peak_bytes)},
          {"beat", wire::number_json(side.beat)},
          {"trouble", side.trouble}};
}

Side side_of(const json::object& o) {
  return {.name = text_of(o, "name"),
          .version = text_of(o, "version"),
          .form = text_of(o, "form"),
          .values = numbers_of(o.at("values")),
          .per_cpu = numbers_of(o.at("perCpu")),
          .per_core = o.at("perCore").as_bool(),
          .agreement = text_of(o, "agreement"),
          .agrees = o.at("agrees").as_bool(),
          .peak_bytes = number_of(o, "peakBytes"),
          .beat = number_of(o, "beat"),
          .trouble = text_of(o, "trouble")};
}

json::object bound_json(const Bound& bound) {
  return {{"ceiling", bound.ceiling},
          {"work", wire::number_json(bound.work)},
          {"oneThread", bound.one_thread},
          {"limits", numbers(bound.limits)}};
}

Bound bound_of(const json::object& o) {
  return {text_of(o, "ceiling"), number_of(o, "work"), o.at("oneThread").as_bool(),
          numbers_of(o.at("limits"))};
}

json::object row_json(const RowResult& row) {
  json::array peers, bounds;
  for (const Side& peer : row.peers) peers.push_back(side_json(peer));
  for (const Bound& bound : row.bounds) bounds.push_back(bound_json(bound));
  return {{"name", row.name},
          {"what", row.what},
          {"unit", row.unit},
          {"cells", wire::number_json(row.cells)},
          {"quick", row.quick},
          {"how", row.how},
          {"remark", row.remark},
          {"reach", wire::number_json(row.reach)},
          {"aim", wire::number_json(row.aim)},
          {"ours", side_json(row.ours)},
          {"peers", std::move(peers)},
          {"bounds", std::move(bounds)}};
}

RowResult row_of(const json::object& o) {
  RowResult row;
  row.name = text_of(o, "name"), row.what = text_of(o, "what"), row.unit = text_of(o, "unit");
  row.cells = number_of(o, "cells"), row.quick = o.at("quick").as_bool();
  row.how = text_of(o, "how"), row.remark = text_of(o, "remark");
  row.reach = number_of(o, "reach"), row.aim = number_of(o, "aim");
  row.ours = side_of(o.at("ours").as_object());
  for (const json::value& peer : o.at("peers").as_array())
    row.peers.push_back(side_of(peer.as_object()));
  for (const json::value& bound : o.at("bounds").as_array())
    row.bounds.push_back(bound_of(bound.as_object()));
  return row;
}

json::object ceiling_json(const Ceiling& ceiling) {
  return {{"name", ceiling.name},
          {"what", ceiling.what},
          {"unit", ceiling.unit},
          {"one", numbers(ceiling.one)},
          {"all", numbers(ceiling.all)}};
}

Ceiling ceiling_of(const json::object& o) {
  return {text_of(o, "name"), text_of(o, "what"), text_of(o, "unit"), numbers_of(o.at("one")),
          numbers_of(o.at("all"))};
}

}  // namespace

json::object to_json(const BenchResult& result) {
  json::array ceilings, rows;
  for (const Ceiling& ceiling : result.ceilings) ceilings.push_back(ceiling_json(ceiling));
  for (const RowResult& row : result.rows) rows.push_back(row_json(row));
  return {{"bench", "table"},
          {"format", kFormat},
          {"date", result.date},
          {"version", result.version},
          {"torch", result.torch},
          {"cpu", result.cpu},
          {"isa", result.isa},
          {"cores", result.cores},
          {"threads", result.threads},
          {"rounds", result.rounds},
          {"seconds", wire::number_json(result.seconds)},
          {"quick", result.quick},
          {"ceilings", std::move(ceilings)},
          {"rows", std::move(rows)}};
}

BenchResult result_of(const json::value& value) try {
  const json::object& o = value.as_object();
  if (o.at("bench") != "table" || o.at("format") != kFormat)
    throw Error("it is of another kind or format");
  BenchResult result;
  result.date = text_of(o, "date"), result.version = text_of(o, "version");
  result.torch = text_of(o, "torch"), result.cpu = text_of(o, "cpu");
  result.isa = text_of(o, "isa");
  result.cores = o.at("cores").to_number<int>();
  result.threads = o.at("threads").to_number<int>();
  result.rounds = o.at("rounds").to_number<int>();
  result.seconds = number_of(o, "seconds"), result.quick = o.at("quick").as_bool();
  for (const json::value& one : o.at("ceilings").as_array())
    result.ceilings.push_back(ceiling_of(one.as_object()));
  for (const json::value& one : o.at("rows").as_array())
    result.rows.push_back(row_of(one.as_object()));
  return result;
} catch (const std::exception& error) {
  throw Error(fmt::format("not a run of `ath bench`: {}", error.what()));
}

BenchResult read_result(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::io, fmt::format("cannot read '{}'", path));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  try {
    return result_of(wire::parse_json(text));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw Error(ErrorKind::io, fmt::format("cannot write '{}'", path));
}

namespace {

bool is_flat(const json::value& value) { return !value.is_object() && !value.is_array(); }

void print(std::string& out, const json::value& value, std::size_t level) {
  const std::string margin(2 * (level + 1), ' ');
  const auto list = [&](const auto& all, char open, char close, const auto& each) {
    out += open;
    bool first = true;
    for (const auto& one : all) {
      out += (first ? "\n" : ",\n") + margin;
      first = false;
      each(one);
    }
    if (!first) out += "\n" + std::string(2 * level, ' ');
    out += close;
  };
  if (value.is_object()) {
    list(value.get_object(), '{', '}', [&](const json::key_value_pair& pair) {
      out += json::serialize(json::string(pair.key())) + ": ";
      print(out, pair.value(), level + 1);
    });
  } else if (value.is_array() &&
             !std::all_of(value.get_array().begin(), value.get_array().end(), is_flat)) {
    list(value.get_array(), '[', ']', [&](const json::value& one) { print(out, one, level + 1); });
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string pretty(const json::value& value) {
  std::string out;
  print(out, value, 0);
  return out + "\n";
}

}  // namespace atheria::bench
