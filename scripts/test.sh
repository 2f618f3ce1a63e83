#!/bin/sh
# usage: ./ath test [ROOM...] [--asan|--tsan|--dev] [--no-setup]
#
# Sets up, builds and runs the tests; the last line of a run is `N passed, N failed[, N skipped]`.
# ROOM: engine app pyhost   C++ and Python tests of that room
#       web                 the page's unit tests
#       e2e                 whole server and page, in a browser
#       python              all that pytest runs
#       setup               the launcher itself
#   --asan, --tsan, --dev   C++ tests alone, in that build
#   --no-setup              neither install nor look whether anything is missing

set -eu
. scripts/lib.sh
help_or_go "$@"
preset=release setup=yes rooms=
for word in "$@"; do
  case $word in
    engine | app | pyhost | web | e2e | python | setup) rooms="$rooms $word" ;;
    --asan | --tsan | --dev) preset=${word#--} ;;
    --no-setup) setup=no ;;
    *) fail 2 "ath test: unknown word '$word' (see ./ath test --help)" ;;
  esac
done
started=$(now)
[ $setup = no ] || sh scripts/setup.sh
use_node
export PATH="$PWD/.venv/bin:$PATH"
results=$PWD/build/$preset/test-results
rm -rf "$results"
mkdir -p "$results"

# `in_run ROOM...`: was one of these rooms asked for, or none in particular?
in_run() {
  [ -n "$rooms" ] || return 0
  for one in "$@"; do
    case " $rooms " in *" $one "*) return 0 ;; esac
  done
  return 1
}

# `stage NAME COMMAND...`: runs it, then counts the reports NAME*.xml it left. A stage without a single test has failed.
summary='' broken=0
stage() {
  name=$1 since=$(now) code=0
  shift
  echo "--- $name"
  "$@" || code=$?
  line=$($python scripts/count_tests.py --exit-code $code "$results/$name") || broken=1
  echo "--- $name: $line ($(took "$since"))"
  summary="$summary$name: $line
"
}

cpp() {
  [ -z "$1" ] || set -- -L "^($1)\$"
  # gcc 12's TSan cannot start where the kernel spreads addresses widely.
  spread=
  if [ "$preset" = tsan ] && setarch "$(uname -m)" -R true 2>/dev/null; then spread="setarch $(uname -m) -R"; fi
  $spread ctest --preset "$preset" --parallel "$(jobs)" --output-junit "$results/C++.xml" "$@"
}
pytests() { $python -m pytest -q --junitxml="$results/Python.xml" "$@"; }
web() { npm --prefix app/web test -- --reporter=default --reporter=junit --outputFile.junit="$results/web.xml"; }
e2e() { PLAYWRIGHT_JUNIT_OUTPUT_FILE="$results/e2e.xml" npm --prefix app/web run e2e -- --reporter=list,junit; }

sh scripts/build.sh "$preset"
cpp_rooms=$(for room in engine app pyhost; do case " $rooms " in *" $room "*) echo $room ;; esac; done | paste -sd '|' -)
if in_run engine app pyhost; then stage C++ cpp "$cpp_rooms"; fi
if [ "$preset" = release ]; then
  # What pytest looks through: everything, or the folders of the rooms asked for.
  folders=
  in_run python && folders=tests
  if [ -n "$rooms" ] && [ -z "$folders" ]; then
    for room in $rooms; do
      if [ -n "$(find "tests/$room" -name 'test_*.py' 2>/dev/null)" ]; then folders="$folders tests/$room"; fi
    done
  fi
  # shellcheck disable=SC2086  # a list of folders
  if [ -n "$folders" ]; then stage Python pytests $folders; fi
  if [ -e app/web/package.json ]; then
    if in_run web; then stage web web; fi
    if in_run e2e; then stage e2e e2e; fi
  elif in_run web e2e; then
    echo '--- web, e2e: no page yet (app/web/package.json)'
  fi
fi

[ -n "$summary" ] || fail 1 "ath test: nothing to run for:$rooms"
echo "--- all of it in $(took "$started")"
printf '%s' "$summary"
printf '%s' "$summary" | $python scripts/count_tests.py --sum
exit $broken
