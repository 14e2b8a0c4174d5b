# shellcheck shell=bash
# Steps: run one command each, within a time limit, with its output in a log file, one after the other or beside each
# other; then the table.
# Sourced by tests/run.

# Lines of a failed step's log that are shown; the rest is in the file.
readonly shown_log_lines=100
# And of those, in a log that is longer, that name a failure.
readonly shown_marks=40
# Between asking a step that is over its time to stop, and killing it.
readonly kill_after_s=10

declare -A passed=() failed=() not_run=() seconds=() tests=()
parts_begun=()
part=
part_began=
logs=
# Of the steps that run now, by name: their process, when they began, and their limit.
declare -A step_pids=() step_began=() step_limits=()

is_ci() { [[ ${CI:-} == true ]]; }

say() { printf '%s\n' "$*"; }

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  readonly green=$'\e[32m' red=$'\e[31m' yellow=$'\e[33m' bold=$'\e[1m' plain=$'\e[0m'
else
  readonly green='' red='' yellow='' bold='' plain=''
fi

begin_steps() {
  logs=$(mktemp -d "${TMPDIR:-/tmp}/backhaul-tests.XXXXXX")
  trap 'interrupted' INT TERM
}

# `timeout` has a process group of its own, which a Ctrl-C in the terminal does not reach.
interrupted() {
  ((${#step_pids[@]} == 0)) || kill "${step_pids[@]}" 2>/dev/null
  say "interrupted; logs: $logs"
  exit 130
}

begin_part() {
  part=$1
  part_began=$SECONDS
  parts_begun+=("$part")
  passed[$part]=0 failed[$part]=0 not_run[$part]=0 seconds[$part]=0 tests[$part]=0
  say "$bold$part$plain"
}

end_part() { seconds[$part]=$((SECONDS - part_began)); }

# report COLOUR RESULT NAME SECONDS
report() { printf '  %-16s %s%-8s%s %5s s\n' "$3" "$1" "$2" "$plain" "$4"; }

# The closing lines of the test runners, and how many tests they count. CI reads these lines. XCTest prints one for
# every suite; the last is the sum, and is not shown if it is of none. What a step could not build it says, too.
show_closing_lines() {
  local lines count
  lines=$(
    grep -E '^test result:|^.? ?Test run with [0-9]+ tests? |^Ran [0-9]+ tests? in |^NOT BUILT: ' "$1"
    grep -E '^\s+Executed [0-9]+ tests?, ' "$1" | tail -n 1 | grep -v 'Executed 0 tests'
    # Surefire's line for a module; those for a class also say how long it took.
    grep -oE 'Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+$' "$1"
  ) || true
  [[ -n $lines ]] || return 0
  printf '%s\n' "$lines"
  count=$(sed -nE -e 's/^test result: .* ([0-9]+) passed; ([0-9]+) failed;.*/\1 \2/p' \
    -e 's/.*(Test run with|Ran|Executed) ([0-9]+) tests?.*/\2/p' -e 's/^Tests run: ([0-9]+),.*/\1/p' \
    <<<"$lines" | awk '{ n += $1 + $2 } END { print n + 0 }')
  tests[$part]=$((tests[$part] + count))
}

show_failure() {
  local log=$1 lines
  lines=$(wc -l <"$log")
  if ((lines > shown_log_lines)); then
    # What failed first is the more telling, and may be far from the end.
    grep -E -m "$shown_marks" '^test .* FAILED$|panicked at|error:|^error|^✘|^(FAIL|ERROR): |<<< (FAILURE|ERROR)!|^\[ERROR\] .*\.kt:' "$log" | sed 's/^/    /' || true
    say "  … the last $shown_log_lines of $lines lines of $log:"
  fi
  tail -n "$shown_log_lines" "$log" | sed 's/^/    /'
}

# step NAME LIMIT_S COMMAND...: whether it passed.
step() {
  start_step "$@"
  finish_step "$1"
}

# begin_step NAME LIMIT_S COMMAND...: runs beside the steps that follow, on what they leave of the processors, until
# `finish_step NAME` waits for it.
begin_step() { start_step "$1" "$2" nice -n 19 "${@:3}"; }

has_begun() { [[ -v step_pids[$1] ]]; }

# In the background, so that a trap is run at once. It leaves when it ended: nobody may be waiting then.
start_step() {
  local name=$1 limit_s=$2 log=$logs/$part-$1.log
  shift 2
  step_began[$name]=$SECONDS
  step_limits[$name]=$limit_s
  # shellcheck disable=SC2016 # for the other shell
  timeout --kill-after="$kill_after_s" "$limit_s" \
    bash -c 'end=$1; shift; status=0; "$@" || status=$?; date +%s >"$end"; exit "$status"' step "$log.end" "$@" \
    >"$log" 2>&1 </dev/null &
  step_pids[$name]=$!
}

# finish_step NAME: waits for it; whether it passed.
finish_step() {
  local name=$1 log=$logs/$part-$1.log status=0 took
  wait "${step_pids[$name]}" || status=$?
  unset "step_pids[$name]"
  took=$((SECONDS - step_began[$name]))
  # Since it ended, which it did not if its time ran out.
  [[ ! -e $log.end ]] || took=$((took - ($(date +%s) - $(<"$log.end"))))
  if ((status == 0)); then
    passed[$part]=$((passed[$part] + 1))
    report "$green" passed "$name" "$took"
  else
    failed[$part]=$((failed[$part] + 1))
    report "$red" FAILED "$name" "$took"
    ((status == 124 || status == 137)) && say "  stopped after its time limit of ${step_limits[$name]} s"
    show_failure "$log"
  fi
  show_closing_lines "$log"
  return "$((status != 0))"
}

# skip NAME REASON: a step that cannot be run here.
skip() {
  not_run[$part]=$((not_run[$part] + 1))
  say "  ${yellow}NOT RUN: $1${plain}: $2"
}

# The table, and the end of the script.
end_steps() {
  local name bad=0
  printf '\n%s%-8s %7s %7s %8s %7s %8s%s\n' "$bold" part passed failed 'not run' tests seconds "$plain"
  for name in "${parts_begun[@]}"; do
    printf '%-8s %7s %7s %8s %7s %8s\n' "$name" "${passed[$name]}" "${failed[$name]}" "${not_run[$name]}" \
      "${tests[$name]}" "${seconds[$name]}"
    bad=$((bad + failed[$name]))
    if is_ci; then bad=$((bad + not_run[$name])); fi
  done
  say "logs: $logs"
  if ((bad > 0)); then
    exit 1
  fi
}
