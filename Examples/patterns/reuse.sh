#!/usr/bin/env bash
# Using runs again: rerun, copy, link, mixed, archive, and what is refused.
#   Examples/patterns/reuse.sh [BATON]      starts a `baton dev` of its own; BATON is the program, by default .build/debug/baton
# Look for: what runs again each time, and that an archive can't be changed.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
baton=${1:-$top/.build/debug/baton}
patterns=$top/Examples/patterns

state=$(mktemp -d)
export BATON_SERVER="http://127.0.0.1:${BATON_EXAMPLE_PORT:-7171}"
"$baton" dev --http "${BATON_SERVER#http://}" --database "$state/baton.sqlite" --log-level error >"$state/log" 2>&1 &
service=$!
trap 'kill "$service"; wait "$service" 2>/dev/null || true; rm -rf "$state"' EXIT
until "$baton" list >"$state/list" 2>&1; do kill -0 "$service" || { cat "$state/log"; exit 1; }; sleep 0.1; done

say() { printf '\n== %s\n' "$*"; }
id() { python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }
refused() { if "$@" 2>&1; then echo "this should have been refused"; exit 1; fi; }

say "A run"
run=$("$baton" run --detach "$patterns/reuse.yaml")
"$baton" watch "$run" | tail -n 3

say "Rerun from 'price' on: the same run goes on, 'read' keeps its result"
"$baton" rerun "$run" --from price | tail -n 3
"$baton" get "$run" read

say "Copy: a new run of the same tasks; then only 'price', with what it depends on"
"$baton" copy "$run" --name copied | tail -n 1
"$baton" copy "$run" --task price --upstream --name partly | tail -n 1
say "A task without what it depends on is refused"
refused "$baton" copy "$run" --task price

say "Link: a completed run that shows this one's results, and nothing runs"
link=$("$baton" link "$run" --name linked --json | id)
"$baton" get "$link" price

say "Mixed: 'read' is linked, the rest runs again with its result"
"$baton" mixed "$run" --link read --name mixed | tail -n 3

say "Archive: never changed, but it can be read, copied and linked"
archive=$("$baton" archive "$run" --name archived --json | id)
refused "$baton" rerun "$archive" --all
"$baton" copy "$archive" --name restored | tail -n 1

say "A run that has not completed can't be linked; a rerun lets it go on from where it failed"
failed=$("$baton" run --detach "$patterns/saga.yaml")
"$baton" watch "$failed" >/dev/null || true
refused "$baton" link "$failed"

say "The family: one list of all that was made of the first run"
"$baton" list --family "$run"
