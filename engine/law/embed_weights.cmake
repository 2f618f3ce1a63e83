# Writes a C++ file with the bytes of safetensors files: cmake -DOUT=x.cpp "-DFILES=a;b" -P embed_weights.cmake
set(arrays "")
set(table "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(MAKE_C_IDENTIFIER ${name} symbol)
  string(APPEND arrays "constexpr unsigned char k_${symbol}[] = {\n${bytes}};\n")
  string(APPEND table
         "      {\"${name}\", {reinterpret_cast<const char*>(k_${symbol}), sizeof k_${symbol}}},\n")
endforeach()
file(WRITE ${OUT} "// Written by embed_weights.cmake.
#include \"engine/law/nca_weights.h\"

namespace atheria {
namespace {
${arrays}
}  // namespace

const std::vector<EmbeddedWeights>& embedded_weights() {
  static const std::vector<EmbeddedWeights> all = {
${table}  };
  return all;
}

}  // namespace atheria
")
