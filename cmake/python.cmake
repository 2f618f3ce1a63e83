# The Python of the project's .venv: ATHERIA_PYTHON_TAG ("cp311"), and for what is compiled against it
#
#   atheria_pybind   headers of CPython, pybind11 and torch's own bindings; links libtorch_python, not libpython
#
# One question to the interpreter instead of FindPython3: it answers for exactly this one, venv or not.
execute_process(
  COMMAND ${ATHERIA_PYTHON} -c "
import pathlib, pybind11, re, sys, sysconfig
print('cp%d%d' % sys.version_info[:2])
print(sysconfig.get_path('include'))
print(sysconfig.get_config_var('EXT_SUFFIX'))
print(pybind11.get_include())
print(pybind11.__version__)
text = pathlib.Path('${ATHERIA_TORCH_DIR}/include/pybind11/detail/common.h').read_text()
print('.'.join(re.search('define PYBIND11_VERSION_' + part + r'\\s+(\\d+)', text)[1] for part in ('MAJOR', 'MINOR', 'MICRO')))"
  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_VARIABLE why RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "'${ATHERIA_PYTHON}' lacks what the bindings need (pybind11, torch's headers): run ./ath setup\n${why}")
endif()
string(REPLACE "\n" ";" found "${found}")
list(GET found 0 ATHERIA_PYTHON_TAG)
list(GET found 1 python_include)
list(GET found 2 ATHERIA_EXTENSION_SUFFIX)
list(GET found 3 pybind_include)
list(GET found 4 pybind_version)
list(GET found 5 torch_pybind_version)
# torch's headers carry a pybind11 of their own; two versions in one binary are undefined behaviour.
if(NOT pybind_version STREQUAL torch_pybind_version)
  message(FATAL_ERROR "pybind11 ${pybind_version} is installed, torch's headers have ${torch_pybind_version}: pin that one")
endif()
message(STATUS "Python ${ATHERIA_PYTHON_TAG}, pybind11 ${pybind_version}")

add_library(atheria_pybind INTERFACE IMPORTED GLOBAL)
target_include_directories(atheria_pybind INTERFACE ${pybind_include} ${python_include})  # SYSTEM, because imported
target_link_libraries(atheria_pybind INTERFACE atheria_torch)
find_library(library_torch_python torch_python PATHS ${ATHERIA_TORCH_DIR}/lib NO_DEFAULT_PATH NO_CACHE REQUIRED)
target_link_libraries(atheria_pybind INTERFACE ${library_torch_python})
