#include <fmt/format.h>

#include <cstdio>

#include "app/cli/command.h"
#include "app/protocol/json.h"
#include "engine/run/catalog.h"

namespace atheria::cli {
namespace {

std::string text_of(const ParamValue& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? fmt::format("{}", *number) : std::get<std::string>(value);
}

std::string rule_of(const ParamSpec& param) {
  switch (param.kind) {
    case ParamKind::number:
    case ParamKind::integer:
      return fmt::format("{}..{} {}", param.lo, param.hi, param.unit);
    case ParamKind::choice:
      return CLI::detail::join(param.choices, " | ");
    case ParamKind::text:
      break;
  }
  return "text";
}

void print_law(const LawInfo& law) {
  fmt::print("{}: {}\n\n{}\n\n  {}\n  {}\n\nParameters\n", law.name, law.title, law.about,
             law.equation, law.reference);
  for (const ParamSpec& param : law.params)
    fmt::print("  {:<12} {:<26} {:<10} {}\n", param.name, param.title, text_of(param.value),
               rule_of(param));
  fmt::print("\nPresets\n");
  for (const Preset& preset : law.presets) fmt::print("  {:<16} {}\n", preset.name, preset.title);
  fmt::print("\nViews\n");
  for (const ViewInfo& view : law_views(law.name))
    fmt::print("  {:<16} {}{}\n", view.name, view.title,
               view.name == law.view ? " (the usual one)" : "");
  fmt::print("\nMeasures\n");
  for (const Measure& measure : series_of(law))
    fmt::print("  {:<16} {}\n", measure.name, measure.about);
}

void print_all() {
  for (const LawInfo* law : law_catalog())
    fmt::print("{:<18} {}\n{:<18} {} presets, {} parameters\n", law->name, law->title, "",
               law->presets.size(), law->params.size());
  fmt::print("\n'ath laws NAME' tells more of one.\n");
}

void print_json(const std::string& name) {
  boost::json::array list;
  for (const LawInfo* law : law_catalog())
    if (name.empty() || law->name == name)
      list.push_back(wire::law_json(*law, law_views(law->name)));
  const boost::json::value value =
      name.empty() ? boost::json::value{{"laws", std::move(list)}} : std::move(list.at(0));
  fmt::print("{}\n", boost::json::serialize(value));
}

}  // namespace

void add_laws(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand("laws", "List the laws, or tell all of one");
  const auto name = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  command->add_option("name", *name, "A law's name");
  command->add_flag("--json", *json, "As the wire has it (PROTOCOL.md section 3)");
  command->callback([=] {
    *chosen = [=] {
      const LawInfo* law = name->empty() ? nullptr : &law_info(*name);
      if (*json)
        print_json(*name);
      else if (law != nullptr)
        print_law(*law);
      else
        print_all();
      return 0;
    };
  });
}

}  // namespace atheria::cli
