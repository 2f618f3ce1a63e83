# generated/atheria_build.h: what this build was made of. `ath doctor` compares it with what is there at run time.
string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
set(ATHERIA_COMPILER "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
set(ATHERIA_FLAGS "${CMAKE_CXX_FLAGS_${type}}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_info.h.in ${CMAKE_BINARY_DIR}/generated/atheria_build.h)

add_library(atheria_build_info INTERFACE)
target_include_directories(atheria_build_info INTERFACE ${CMAKE_BINARY_DIR}/generated)
