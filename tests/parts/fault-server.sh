# shellcheck shell=bash
# A fault server for as long as a script runs. Sourced by the scripts that play an app of somebody else.

server_pid=

# start_fault_server PROGRAM NAME=SIZE,SEED FILE: serves this one object, sets `url` to its URL, and puts it into FILE.
# The server ends with its standard input, which is ours to close: whatever becomes of the script.
start_fault_server() {
  local base_url
  coproc SERVER { exec "$1" --object "$2"; }
  # shellcheck disable=SC2153 # coproc sets it
  server_pid=$SERVER_PID
  read -r -t 10 base_url <&"${SERVER[0]}"
  url=${base_url%/}/o/${2%%=*}
  python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' \
    "$url" >"$3"
}

stop_fault_server() {
  [[ -z $server_pid ]] || kill "$server_pid" 2>/dev/null || true
}
