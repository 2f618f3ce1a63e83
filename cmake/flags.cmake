# Language, outputs, warnings, sanitizers and ccache: the same for every target, so that they can share one
# precompiled header.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# Warnings of our own code stop the build. Imported headers (torch, Boost, GoogleTest) are SYSTEM by CMake's default.
if(MSVC)
  add_compile_options(/W4 /WX /permissive- /utf-8 /EHsc /bigobj)
  add_compile_definitions(NOMINMAX WIN32_LEAN_AND_MEAN _USE_MATH_DEFINES)
else()
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
  add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Werror)
  # Static libraries end up in the server and in plug-ins. Said here and not by POSITION_INDEPENDENT_CODE, which gives
  # -fPIE to programs: they could not reuse the precompiled header.
  add_compile_options(-fPIC)
  # A fused multiply-add must be written, never chosen by the compiler: a vector loop and its scalar tail, or two
  # machines, would differ in the last bit.
  add_compile_options(-ffp-contract=off)
endif()

if(ATHERIA_SANITIZE)
  # vptr: torch's classes have their type information in libtorch, not here. maybe-uninitialized: false alarms in
  # instrumented code.
  add_compile_options(-fsanitize=${ATHERIA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ATHERIA_SANITIZE})
  if(ATHERIA_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=vptr)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-Wno-maybe-uninitialized)
    if(ATHERIA_SANITIZE MATCHES thread)
      add_compile_options(-Wno-tsan)  # std::atomic_thread_fence is not understood by gcc's TSan
    endif()
  endif()
endif()

# ccache when it is there. With a precompiled header it needs to be told that times and macros in it do not matter,
# and gcc needs -fpch-preprocess to show ccache which header was used.
find_program(CCACHE ccache)
if(CCACHE AND NOT MSVC)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
