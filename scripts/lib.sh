# Shared by the scripts: sourced, from the repository's root.
# shellcheck shell=sh
python=.venv/bin/python
[ -d .venv/Scripts ] && python=.venv/Scripts/python.exe
logs=build/logs

# `help_or_go "$@"`: prints the comment at the script's top when asked for help.
help_or_go() {
  for word in "$@"; do
    case $word in
      --) return ;;
      --help | -h)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 0 ;;
    esac
  done
}

# `fail CODE LINE...`: says why, and ends. 2: wrong use; 3: this machine lacks something; 1: all else.
fail() {
  code=$1
  shift
  printf '%s\n' "$@" >&2
  exit "$code"
}

now() { date +%s; }

# `took SINCE`: seconds since then, as people say them.
took() {
  seconds=$(($(now) - $1))
  if [ $seconds -lt 60 ]; then echo "$seconds s"; else echo "$((seconds / 60)) min $((seconds % 60)) s"; fi
}

# `step TITLE COMMAND...`: runs it with its output in a log, and shows the time passing. The log's end is shown when it
# fails. (Its variables begin with step_ because sh has no local ones.)
step() {
  step_title=$1
  shift
  mkdir -p $logs
  step_log=$logs/$(echo "$step_title" | tr -cs 'A-Za-z0-9\n' '-' | sed 's/^-//; s/-$//').log
  step_since=$(now)
  printf '%s ...' "$step_title"
  ticking "$step_title" "$step_since" &
  ticker=$!
  trap 'kill $ticker 2>/dev/null || true' EXIT
  step_code=0
  "$@" >"$step_log" 2>&1 </dev/null || step_code=$?
  { kill $ticker && wait $ticker; } 2>/dev/null || true
  trap - EXIT
  if [ -t 1 ]; then printf '\r%s ...' "$step_title"; fi
  if [ $step_code -eq 0 ]; then
    echo " $(took "$step_since")"
  else
    echo " failed after $(took "$step_since"):"
    tail -n 40 "$step_log"
    echo "(all of it: $step_log)"
  fi
  return $step_code
}

# On a terminal the line counts the seconds; elsewhere it gets a word each half minute.
ticking() {
  if [ -t 1 ]; then pause=1; else pause=30; fi
  while sleep $pause >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    if [ -t 1 ]; then printf '\r%s ... %s ' "$1" "$(took "$2")"; else printf ' %s ...' "$(took "$2")"; fi
  done
}

# Is there a Node new enough for Vite (20.19+, 22.12+, 24+)?
node_is_fit() {
  command -v npm >/dev/null && node -e '
    const [a, b] = process.versions.node.split(".").map(Number);
    process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
}

# Where setup put a Node of our own into .venv, that one is used.
use_node() {
  if ! node_is_fit && [ -x .venv/bin/node ]; then
    PATH=$PWD/.venv/bin:$PATH
    export PATH
  fi
}

jobs() { nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2; }
