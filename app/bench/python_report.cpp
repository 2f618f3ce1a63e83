#include "app/bench/python_report.h"

#include <fmt/format.h>

#include "app/cli/machine.h"

namespace atheria::bench {
namespace {

namespace json = wire::json;

double ratio_of(const PythonRow& row) { return cli::median(row.values) / cli::median(row.others); }

json::object row_json(const PythonRow& row) {
  return {{"what", row.what},
          {"unit", row.unit},
          {"value", cli::median(row.values)},
          {"than", row.than},
          {"other", cli::median(row.others)},
          {"ratio", wire::number_json(ratio_of(row))},
          {"values", json::value_from(row.values)},
          {"others", json::value_from(row.others)}};
}

void print_json(const std::vector<PythonRow>& rows, const PythonOptions& options, int threads,
                const json::object& python) {
  json::array list;
  for (const PythonRow& row : rows) list.push_back(row_json(row));
  fmt::print("{}\n", json::serialize(json::object{{"bench", "python"},
                                                  {"cpu", cli::cpu_name()},
                                                  {"cores", cli::cores()},
                                                  {"threads", threads},
                                                  {"python", python.at("python")},
                                                  {"torch", python.at("torch")},
                                                  {"rounds", options.rounds},
                                                  {"results", std::move(list)}}));
}

std::string shown(const PythonRow& row, double number) {
  return fmt::format("{:.{}f} {}", number, number >= 100 ? 0 : number >= 10 ? 1 : 3, row.unit);
}

}  // namespace

void report_python(const std::vector<PythonRow>& rows, const PythonOptions& options, int threads,
                   const json::object& python) {
  if (options.json) return print_json(rows, options, threads, python);
  fmt::print("{}, {} cores, {} stepping, Python {}, torch {}; medians of {} rounds\n\n",
             cli::cpu_name(), cli::cores(), threads,
             std::string_view(python.at("python").as_string()),
             std::string_view(python.at("torch").as_string()), options.rounds);
  fmt::print("{:<48} {:>13}   {:<26} {:>13} {:>6} {:>6}\n", "", "", "beside", "", "ratio", "count");
  for (const PythonRow& row : rows)
    fmt::print("{:<48} {:>13}   {:<26} {:>13} {:>6} {:>6}\n", row.what,
               shown(row, cli::median(row.values)), row.than, shown(row, cli::median(row.others)),
               cli::median(row.others) > 0 ? fmt::format("{:.2f}", ratio_of(row)) : "-",
               row.values.size());
}

}  // namespace atheria::bench
