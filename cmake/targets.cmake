# The three helpers every room uses. Includes are written from the repository's root: "engine/base/error.h".
#
#   atheria_library(NAME SOURCES a.cpp ... [PUBLIC lib ...] [PRIVATE lib ...] [TORCH | TORCH_PRIVATE])
#   atheria_executable(NAME SOURCES main.cpp ... [LIBS lib ...] [TORCH])
#   atheria_test(NAME SOURCES a_test.cpp ... [LIBS lib ...] [TORCH])
#
# TORCH: sources use torch (and the shared precompiled header), and so do the headers.
# TORCH_PRIVATE: sources do, headers do not; whoever links this library cannot include torch through it.

function(_atheria_common name torch)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  # Header-only everywhere: torch's include folder carries another fmt, whose symbols no library has.
  target_link_libraries(${name} PRIVATE fmt::fmt-header-only Threads::Threads)
  if(torch)
    target_precompile_headers(${name} REUSE_FROM atheria_torch_pch)
  endif()
endfunction()

function(atheria_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TORCH;TORCH_PRIVATE" "" "SOURCES;PUBLIC;PRIVATE")
  _atheria_checked(${name} "${arg_UNPARSED_ARGUMENTS}")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  if(arg_TORCH)
    target_link_libraries(${name} PUBLIC atheria_torch)
    _atheria_common(${name} TRUE)
  elseif(arg_TORCH_PRIVATE)
    target_link_libraries(${name} PRIVATE atheria_torch)
    _atheria_common(${name} TRUE)
  else()
    _atheria_common(${name} FALSE)
  endif()
endfunction()

function(atheria_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TORCH" "" "SOURCES;LIBS")
  _atheria_checked(${name} "${arg_UNPARSED_ARGUMENTS}")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBS})
  if(arg_TORCH)
    target_link_libraries(${name} PRIVATE atheria_torch)
  endif()
  _atheria_common(${name} ${arg_TORCH})
endfunction()

# Each suite becomes one CTest test, labelled with its room (the folder under tests/). They run from the repository's
# root, so tests/golden/... opens as written.
function(atheria_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TORCH" "" "SOURCES;LIBS")
  _atheria_checked(${name} "${arg_UNPARSED_ARGUMENTS}")
  if(arg_TORCH)
    set(torch TORCH)
  endif()
  atheria_executable(${name} SOURCES ${arg_SOURCES} LIBS ${arg_LIBS} GTest::gmock GTest::gtest_main ${torch})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/tests OUTPUT_VARIABLE room)
  string(REGEX REPLACE "/.*" "" room ${room})
  if(room STREQUAL ".")  # listed by tests/CMakeLists.txt itself: engine_tests is engine's
    string(REGEX REPLACE "_.*" "" room ${name})
  endif()
  set(start ${CMAKE_CURRENT_BINARY_DIR}/${name}.ctest.cmake)
  file(GENERATE OUTPUT ${start} CONTENT "
set(program $<TARGET_FILE:${name}>)
set(name ${name})
set(room ${room})
set(root ${PROJECT_SOURCE_DIR})
set(results ${CMAKE_BINARY_DIR}/test-results)
include(${PROJECT_SOURCE_DIR}/cmake/suites.cmake)
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${start})
endfunction()

function(_atheria_checked name unknown)
  if(unknown)
    message(FATAL_ERROR "${name}: unknown argument '${unknown}' (see cmake/targets.cmake)")
  endif()
endfunction()
