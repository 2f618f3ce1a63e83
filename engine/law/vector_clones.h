#pragma once

// ATHERIA_VECTOR_CLONES before a function: it is compiled for several widths of vector unit, and
// the fitting one is chosen when the program starts. No fused multiply-add (see cmake/flags.cmake),
// so all give the same bits. Other compilers and sanitizers get one plain version. What it calls
// must be ATHERIA_INLINE to be widened with it.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ATHERIA_VECTOR_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define ATHERIA_VECTOR_CLONES
#endif

#if defined(__GNUC__)
#define ATHERIA_INLINE inline __attribute__((always_inline))
#else
#define ATHERIA_INLINE inline
#endif
