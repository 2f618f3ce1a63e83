# Read by CTest itself (see atheria_test): one CTest test per GoogleTest suite, listed anew when the program is newer.
#
# Not gtest_discover_tests, which starts a process per TEST: loading libtorch takes half a second each time (measured:
# 0.55 s; 2 s under ASan), more than most tests themselves.
#
# Given: program, name, room, root (to run in), results (folder for the XML reports).
set(list ${program}.suites.cmake)
if(NOT EXISTS ${program})
  add_test("${name} (not built)" ${program})
  set_tests_properties("${name} (not built)" PROPERTIES LABELS ${room})
  return()
endif()
if(${program} IS_NEWER_THAN ${list} OR ${CMAKE_CURRENT_LIST_FILE} IS_NEWER_THAN ${list})
  execute_process(COMMAND ${program} --gtest_list_tests OUTPUT_VARIABLE out ERROR_VARIABLE err
                  RESULT_VARIABLE failed TIMEOUT 120)
  if(failed)
    message(FATAL_ERROR "${program} --gtest_list_tests: ${failed}\n${out}${err}")
  endif()
  string(REGEX REPLACE "\n" "\n\n" spaced "\n${out}")  # two suites may share one line break
  string(REGEX MATCHALL "\n[^ \n][^ \n]*\\.[^\n]*\n" lines "${spaced}")
  set(text "")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^\n([^ \n]+)\\..*$" "\\1" suite "${line}")
    if(suite MATCHES "^DISABLED_|/DISABLED_")
      continue()
    endif()
    string(REPLACE "/" "." file "${name}.${suite}")
    string(APPEND text
      "add_test([==[${name}.${suite}]==] ${program} [==[--gtest_filter=${suite}.*]==] [==[--gtest_output=xml:${results}/${file}.xml]==])\n"
      "set_tests_properties([==[${name}.${suite}]==] PROPERTIES LABELS ${room} TIMEOUT 900 WORKING_DIRECTORY [==[${root}]==])\n")
  endforeach()
  file(WRITE ${list} "${text}")
endif()
include(${list})
