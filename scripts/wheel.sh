#!/bin/sh
# usage: ./ath wheel
#
# Builds the Python package `atheria` with its engine, without the server, into dist/, and checks that it asks for
# nothing but torch and the system's own libraries, and that a world of it steps. It is a wheel for the Python of .venv and for machines with this
# one's glibc and libstdc++, or newer ones: linux_x86_64, not manylinux.
#   ATHERIA_JOBS=N   compile N files at a time (default: one per core)

set -eu
. scripts/lib.sh
help_or_go "$@"
[ $# -eq 0 ] || fail 2 "ath wheel: unknown word '$1' (see ./ath wheel --help)"
for tool in cmake ninja readelf; do
  command -v $tool >/dev/null || fail 3 "$tool is missing: run ./ath setup"
done
[ -x $python ] || fail 3 'There is no .venv yet: run ./ath setup'
$python -c 'import scikit_build_core' 2>/dev/null || fail 3 'scikit-build-core is missing in .venv: run ./ath setup'

look() {  # the extension as it lies in the wheel
  rm -rf build/wheel-content
  $python -m zipfile -e "$1" build/wheel-content
  dynamic=$(readelf -d build/wheel-content/atheria_core*.so)
  path=$(echo "$dynamic" | sed -n 's/.*R[UN]*PATH.*\[\(.*\)\]/\1/p')
  # shellcheck disable=SC2016  # the loader's own $ORIGIN
  [ "$path" = '$ORIGIN/torch/lib' ] || fail 1 "the wheel's engine looks for libraries in '$path'"
  foreign=$(echo "$dynamic" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
    grep -Ev '^(libtorch(_python|_cpu|_cuda)?|libc10(_cuda)?|libstdc\+\+|libgcc_s|libc|libm|libpthread|ld-linux.*)\.so' || true)
  [ -z "$foreign" ] || fail 1 "the wheel's engine needs libraries that are not everywhere:" "$foreign"
  # As pip installs it, with torch beside it, and nothing of this folder's.
  packages=$($python -c 'import pathlib, torch; print(pathlib.Path(torch.__file__).parents[1])')
  ln -s "$packages/torch" build/wheel-content/torch
  (cd / && "$OLDPWD/$python" -I -c 'import sys
sys.path[:0] = [sys.argv[1]]
import atheria
assert atheria.__file__.startswith(sys.argv[1]) and atheria.create("w", "gray-scott", (64, 48)).step(10) == 10' \
    "$OLDPWD/build/wheel-content")
}

since=$(now)
export CMAKE_BUILD_PARALLEL_LEVEL="${ATHERIA_JOBS:-$(jobs)}"
rm -rf dist/new
# The tools are those of .venv, and torch is there already: pip has nothing to fetch.
step wheel $python -m pip wheel --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir dist/new -v .
name=$(basename dist/new/*.whl)
look "dist/new/$name"
mv "dist/new/$name" dist/
rmdir dist/new
echo "built dist/$name in $(took "$since"); to install it, torch too unless it is there:"
echo "  python -m pip install dist/$name"
