#include "pyhost/load/probe.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/protocol/json_text.h"
#include "atheria_build.h"
#include "engine/base/error.h"
#include "pyhost/load/child.h"
#include "pyhost/load/mapped.h"

namespace atheria::pyhost {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::chrono::seconds kProbeTime{60};  // import torch from a cold disk

// -I: as the host will run it, without the environment and the user's site folder.
constexpr const char* kProbe = R"(
import json, os, sys, sysconfig
folder, name = sysconfig.get_config_var('LIBDIR') or '', sysconfig.get_config_var('INSTSONAME') or ''
multi = sysconfig.get_config_var('MULTIARCH') or ''
places = [os.path.join(folder, name), os.path.join(folder, multi, name), os.path.join(sys.base_prefix, 'lib', name)]
found = {'version': '%d.%d.%d' % sys.version_info[:3], 'tag': 'cp%d%d' % sys.version_info[:2],
         'library': next((p for p in places if '.so' in p and os.path.exists(p)), ''),
         'free': bool(sysconfig.get_config_var('Py_GIL_DISABLED'))}
try:
    import torch
    found.update(torch=torch.__version__, folder=os.path.dirname(torch.__file__), abi=bool(torch._C._GLIBCXX_USE_CXX11_ABI))
except BaseException as error:
    found['why'] = '%s: %s' % (type(error).__name__, error)
print(json.dumps(found))
)";

std::string text_at(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

bool flag_at(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it said nothing";
  const std::size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

json::object answer_of(const std::string& executable, const std::string& line) {
  try {
    return wire::parse_json(line).as_object();
  } catch (const std::exception&) {
    throw Error(
        fmt::format("'{}' is no Python that can be used here: it answered '{}'", executable, line));
  }
}

std::string without_local(const std::string& version) {
  return version.substr(0, version.find('+'));
}

}  // namespace

PythonFound probe_python(const std::string& executable) {
  const ChildResult child = run_child({executable, "-I", "-c", kProbe}, kProbeTime);
  if (child.code == -1 || child.code == 127)
    throw Error(
        fmt::format("'{}' cannot be started: ./ath setup makes the .venv this build expects, or "
                    "name another with --python",
                    executable));
  if (child.late)
    throw Error(fmt::format("'{}' did not answer within {} s", executable, kProbeTime.count()));
  if (child.code != 0)
    throw Error(
        fmt::format("'{}' failed with {}: {}", executable, child.code, last_line(child.err)));
  const json::object found = answer_of(executable, last_line(child.out));
  if (const std::string why = text_at(found, "why"); !why.empty())
    throw Error(fmt::format("'{}' cannot import torch ({}); pip install torch=={} into it",
                            executable, why, without_local(build::kTorchVersion)));
  return {executable,
          text_at(found, "version"),
          text_at(found, "tag"),
          text_at(found, "library"),
          text_at(found, "torch"),
          text_at(found, "folder"),
          flag_at(found, "abi"),
          flag_at(found, "free")};
}

void check_python(const PythonFound& found) {
  if (found.tag != build::kPythonTag)
    throw Error(fmt::format("this server's Python part was built for {}; '{}' is Python {}",
                            build::kPythonTag, found.executable, found.version));
  if (found.free_threaded)
    throw Error(
        fmt::format("'{}' is a free-threaded build; torch and notebooks are not proven there",
                    found.executable));
  if (without_local(found.torch) != without_local(build::kTorchVersion))
    throw Error(fmt::format(
        "'{}' has torch {}; this server was built with {}: pip install torch=={}", found.executable,
        found.torch, build::kTorchVersion, without_local(build::kTorchVersion)));
  if (!found.new_abi)
    throw Error(fmt::format("the torch of '{}' has the old C++ ABI: install the wheel from PyPI",
                            found.executable));
  if (found.library.empty())
    throw Error(
        fmt::format("'{}' comes without a shared libpython; on Debian: apt-get install libpython{}",
                    found.executable, found.version.substr(0, found.version.rfind('.'))));
}

void check_one_torch(const PythonFound& found) {
  const auto loaded = mapped_files("libtorch_cpu.so");
  std::error_code error;
  const fs::path theirs = fs::path(found.torch_folder) / "lib" / "libtorch_cpu.so";
  for (const std::string& ours : loaded)
    if (!fs::equivalent(ours, theirs, error))
      throw Error(fmt::format(
          "the server runs with '{}', '{}' imports '{}': two copies of torch in one process crash",
          ours, found.executable, theirs.string()));
}

}  // namespace atheria::pyhost
