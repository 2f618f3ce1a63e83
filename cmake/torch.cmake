# atheria_torch: the libtorch of the project's .venv, the only one in the process.
#
# Written by hand and not by find_package(Torch): that one asks for a whole CUDA toolkit when the wheel is a CUDA build
# (the default wheel on Linux), though nothing here is compiled with nvcc.
if(NOT ATHERIA_PYTHON)
  find_program(venv_python NAMES python python3 NO_CACHE NO_DEFAULT_PATH
               PATHS ${PROJECT_SOURCE_DIR}/.venv/bin ${PROJECT_SOURCE_DIR}/.venv/Scripts)
  set(ATHERIA_PYTHON ${venv_python})
endif()
# Version and paths without `import torch`, which takes a second.
execute_process(
  COMMAND ${ATHERIA_PYTHON} -c "
import importlib.metadata, importlib.util, pathlib
print(pathlib.Path(importlib.util.find_spec('torch').origin).parent.as_posix())
print(importlib.metadata.version('torch'))"
  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_VARIABLE why RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "no torch in '${ATHERIA_PYTHON}': run ./ath setup, or set ATHERIA_PYTHON\n${why}")
endif()
string(REPLACE "\n" ";" found "${found}")
list(GET found 0 ATHERIA_TORCH_DIR)
list(GET found 1 ATHERIA_TORCH_VERSION)
message(STATUS "torch ${ATHERIA_TORCH_VERSION} in ${ATHERIA_TORCH_DIR}")

add_library(atheria_torch INTERFACE IMPORTED GLOBAL)
target_include_directories(atheria_torch INTERFACE  # SYSTEM, because imported
                           ${ATHERIA_TORCH_DIR}/include ${ATHERIA_TORCH_DIR}/include/torch/csrc/api/include)
target_link_libraries(atheria_torch INTERFACE Threads::Threads)
if(LINUX)
  # libtorch is a stub that pulls in the CPU part and, in a CUDA wheel, the CUDA part, whose symbols nobody names.
  target_link_libraries(atheria_torch INTERFACE "-Wl,--no-as-needed,${ATHERIA_TORCH_DIR}/lib/libtorch.so,--as-needed")
endif()
foreach(name torch torch_cpu c10)
  find_library(library_${name} ${name} PATHS ${ATHERIA_TORCH_DIR}/lib NO_DEFAULT_PATH NO_CACHE REQUIRED)
  target_link_libraries(atheria_torch INTERFACE ${library_${name}})
endforeach()
list(APPEND CMAKE_BUILD_RPATH ${ATHERIA_TORCH_DIR}/lib)

# One precompiled header for all that includes torch: ATen alone is 8 s a file.
find_package(fmt REQUIRED)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/torch_pch.cpp CONTENT "// Holds the precompiled header.\n")
add_library(atheria_torch_pch OBJECT ${CMAKE_BINARY_DIR}/generated/torch_pch.cpp)
target_link_libraries(atheria_torch_pch PRIVATE atheria_torch fmt::fmt-header-only)
target_precompile_headers(
  atheria_torch_pch PRIVATE <torch/types.h> <ATen/ATen.h> <ATen/Parallel.h> <algorithm> <array> <cmath> <cstdint>
  <functional> <memory> <optional> <span> <string> <string_view> <vector>)
