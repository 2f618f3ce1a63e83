# Loops compiled once for each instruction set (engine/base/isa.h). ATHERIA_X86_KERNELS: whether there is more than the
# portable one.
#
#   atheria_isa_kernels(LIBRARY SOURCES a.cpp ... [BF16 b.cpp ...] [VBMI2 c.cpp ...])
#
# Each source becomes part of LIBRARY three times, with ATHERIA_ISA=portable|avx2|avx512 (those of BF16 once, with
# avx512_bf16; those of VBMI2 once more, with avx512_vbmi2), and puts what it defines into namespace
# atheria::cpu::ATHERIA_ISA. Such a source includes no header with inline functions of others (std::vector, fmt, torch):
# the linker keeps one copy of each, and if that is the one made for AVX-512, other machines stop with an illegal
# instruction.
set(ATHERIA_X86_KERNELS OFF)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND NOT MSVC)
  set(ATHERIA_X86_KERNELS ON)
endif()
set(_isa_flags_portable)
set(_isa_flags_avx2 -mavx2 -mfma -mbmi -mbmi2 -mpopcnt)
set(_isa_flags_avx512 ${_isa_flags_avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
set(_isa_flags_avx512_bf16 ${_isa_flags_avx512} -mavx512bf16)
set(_isa_flags_avx512_vbmi2 ${_isa_flags_avx512} -mavx512vbmi2)

function(_atheria_isa_objects library isa)
  if(NOT ARGN)
    return()
  endif()
  add_library(${library}_${isa} OBJECT ${ARGN})
  target_include_directories(${library}_${isa} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${library}_${isa} PRIVATE ATHERIA_ISA=${isa} ATHERIA_ISA_${isa}=1)
  target_compile_options(${library}_${isa} PRIVATE ${_isa_flags_${isa}})
  if(NOT MSVC)
    # g++ leaves most of these loops scalar at -O2.
    target_compile_options(${library}_${isa} PRIVATE $<$<CONFIG:Release>:-O3>)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Wide vectors are only handed to inlined functions; gcc 12 takes the undefined operands of its own AVX-512 header
    # for a mistake.
    target_compile_options(${library}_${isa} PRIVATE -Wno-psabi -Wno-uninitialized -Wno-maybe-uninitialized)
  endif()
  target_sources(${library} PRIVATE $<TARGET_OBJECTS:${library}_${isa}>)
endfunction()

function(atheria_isa_kernels library)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;BF16;VBMI2")
  _atheria_checked(${library} "${arg_UNPARSED_ARGUMENTS}")
  _atheria_isa_objects(${library} portable ${arg_SOURCES})
  if(ATHERIA_X86_KERNELS)
    target_compile_definitions(${library} PRIVATE ATHERIA_X86_KERNELS)
    _atheria_isa_objects(${library} avx2 ${arg_SOURCES})
    _atheria_isa_objects(${library} avx512 ${arg_SOURCES})
    _atheria_isa_objects(${library} avx512_bf16 ${arg_BF16})
    _atheria_isa_objects(${library} avx512_vbmi2 ${arg_VBMI2})
  endif()
endfunction()
