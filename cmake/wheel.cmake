# What a wheel may not ask of the machine it lands on. Debian's static libraries are not position-independent, so:
#
#   Boost.JSON is compiled here, from its headers; who asks for Boost::json gets this one
#   libpng is left out: starting states from files are for the server alone (World.load takes any array)
find_package(Boost 1.81 REQUIRED COMPONENTS headers)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/boost_json.cpp CONTENT "#include <boost/json/src.hpp>\n")
add_library(atheria_boost_json STATIC ${CMAKE_BINARY_DIR}/generated/boost_json.cpp)
target_link_libraries(atheria_boost_json PUBLIC Boost::headers)
add_library(Boost::json ALIAS atheria_boost_json)

set(CMAKE_DISABLE_FIND_PACKAGE_PNG ON)
