#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Realtime against servers and clients of other projects: run.sh BUILD-DIR, with the programs that Meson has built
# there. Prints a line a test, then "N passed, N failed".
set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 2
top=$(cd "$here/../.." && pwd) || exit 2
. "$top/tests/common/setup.sh"

[ $# -eq 1 ] || die "usage: run.sh BUILD-DIR"
build=$(cd "$1" && pwd) || exit 2
programs=$build/tests/interop
[ -x "$programs/engine-client" ] || die "there is no $programs/engine-client: build first, with -Dtests=true"

# What is fetched and built for these tests stays in the build folder.
work=$build/interop
mkdir -p "$work" || exit 2

# Long enough for a slow machine; no test comes near it.
time_limit=300

passed=0
failed=0
child=

stop ()
{
  [ -z "$child" ] || kill "$child" 2>/dev/null
  exit 130
}
trap stop INT TERM

pass ()
{
  passed=$((passed + 1))
  echo "ok - $1"
}

# What a program said beside its results, but not what GLib says of itself.
comments ()
{
  grep -v -e '^ok ' -e 'GLib-GIO-DEBUG' "$1" | sed 's/^#* */# /'
}

# fail NAME [LOG]
fail ()
{
  failed=$((failed + 1))
  echo "not ok - $1"
  [ $# -lt 2 ] || comments "$2" | tail -n 40
}

# run LOG COMMAND...: its output goes to LOG. Whatever it starts ends with it, at the end of its standard input.
run ()
{
  log=$1
  shift
  timeout "$time_limit" "$@" >"$log" 2>&1 </dev/null &
  child=$!
  wait "$child"
  verdict=$?
  child=
  return "$verdict"
}

# run_tap NAME COMMAND...: a program that prints TAP. One that ends early or wrongly has failed, whatever it printed.
run_tap ()
{
  name=$1
  shift
  say "$name"
  run "$work/tap.log" "$@"
  verdict=$?
  plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$work/tap.log")
  good=$(grep -c '^ok ' "$work/tap.log")
  bad=$(grep -c '^not ok ' "$work/tap.log")
  grep -e '^ok ' -e '^not ok ' "$work/tap.log" | sed "s|^\(.*ok\) [0-9]* *-* *|\1 - $name: |"
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$bad" -eq 0 ] || comments "$work/tap.log"
  if [ "$bad" -eq 0 ] && { [ "$verdict" -ne 0 ] || [ "$((good + bad))" != "$plan" ]; }; then
    fail "$name came to its end (status $verdict, $good of ${plan:-unknown} tests)" "$work/tap.log"
  fi
}

install ()
{
  command -v apt-get >/dev/null 2>&1 || return 1
  say "installing" "$@"
  apt_retry update && apt_retry install -y --no-install-recommends "$@"
}

has ()
{
  command -v "$1" >/dev/null 2>&1
}

is_older ()
{
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# --- Go ---

# An older Go fetches the one that is needed as a module, which its checksum database vouches for, as Go 1.21 and later
# do by themselves unless told not to.
fetch_go ()
{
  module=golang.org/toolchain@v0.0.1-go$1.$(go env GOOS)-$(go env GOARCH)
  folder=$(cd "$work" && GO111MODULE=on go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -n "$folder" ] || return 1
  # Files in the module cache are not executable.
  find "$folder/bin" "$folder/pkg/tool" -type f -exec chmod u+x {} + && go=$folder/bin/go
}

prepare_go ()
{
  has go || install golang-go || return 1
  go=go
  wanted=$(sed -n 's/^go //p' "$here/engine/go.mod")
  found=$(cd / && go version | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
  if is_older "$found" "$wanted"; then
    say "Go $found is too old for the engine (Debian 12 has 1.19): its go.mod wants $wanted, which Go can fetch"
    fetch_go "$wanted" || return 1
    found=$wanted
  fi
  say "Go $found, go.mod wants $wanted or later"
}

# GOROOT may belong to another Go than the one that runs.
build_engine ()
{
  say "building the engine"
  env -u GOROOT -u GOTOOLCHAIN "$go" build -C "$here/engine" -mod=readonly -buildvcs=false -o "$work/engine" .
}

# --- Redis, Node.js and Python ---

prepare_redis ()
{
  has redis-server || install redis-server || return 1
  say "Redis $(redis-server --version | sed -n 's/.* v=\([0-9.]*\).*/\1/p')"
}

prepare_node ()
{
  { has node && has npm; } || install nodejs npm || return 1
  wanted=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' "$here/node/package.json")
  found=$(node --version | tr -d v)
  if is_older "$found" "$wanted"; then
    say "Node.js $found is too old: package.json wants $wanted or later"
    return 1
  fi
  say "Node.js $found, package.json wants $wanted or later; npm $(npm --version 2>/dev/null)"
  mkdir -p "$work/node" && cp "$here"/node/*.mjs "$here"/node/*.json "$work/node" &&
    (cd "$work/node" && npm ci --ignore-scripts --no-audit --no-fund)
}

# The interpreter that Debian's package is for; another one may come first.
has_websockets ()
{
  /usr/bin/python3 -c 'import websockets'
}

prepare_python ()
{
  has_websockets 2>/dev/null || { install python3 python3-websockets && has_websockets; } || return 1
  say "Python's websockets $(/usr/bin/python3 -c 'import websockets; print(websockets.__version__)')"
}

prepare ()
{
  if "$2"; then
    pass "$1"
  else
    fail "$1"
    return 1
  fi
}

# A critical warning ends a program. No proxy stands between two programs of one machine.
export G_DEBUG=fatal-criticals GIO_USE_PROXY_RESOLVER=dummy

if prepare "Go is there" prepare_go && prepare "the engine builds" build_engine; then
  for transport in websocket http-stream; do
    run_tap "Realtime's client, the Go engine over $transport" \
      "$programs/engine-client" --tap "$work/engine" engine "$transport"
  done
  if prepare "Redis is there" prepare_redis; then
    for transport in websocket http-stream; do
      run_tap "Realtime's client, two nodes on Redis over $transport" \
        "$programs/cluster-client" --tap "$work/engine" /usr/bin/python3 "$here/redis-server.py" "$transport"
    done
  fi
fi
for transport in websocket http-stream polling; do
  run_tap "Realtime's client, its own server over $transport" \
    "$programs/engine-client" --tap "$programs/mock-serve" own "$transport"
done
if prepare "Node.js and its packages are there" prepare_node; then
  for transport in websocket http_stream sse; do
    run_tap "npm centrifuge over $transport, Realtime's server" \
      node "$work/node/centrifuge-client.mjs" "$transport" "$programs/mock-serve"
    [ ! -x "$work/engine" ] ||
      run_tap "npm centrifuge over $transport, the Go engine" \
        node "$work/node/centrifuge-client.mjs" "$transport" "$work/engine"
  done
  run_tap "Realtime's WebSocket, npm ws" "$programs/ws-client" --tap node "$work/node/ws-server.mjs"
fi
if prepare "Python's websockets is there" prepare_python; then
  run_tap "Realtime's WebSocket, Python websockets" "$programs/ws-client" --tap /usr/bin/python3 "$here/ws-server.py"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
