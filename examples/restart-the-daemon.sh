#!/bin/bash
# Kills a daemon while a container writes numbered lines, starts it again, and counts: none is missing. In folders of its own; as root.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
socket=unix://$work/gantry.sock
start() {
  out/bin/gantry daemon --root "$work/root" --run "$work/run" -H "$socket" >>"$work/log" 2>&1 &
  daemon=$!
  until out/bin/gantry -H "$socket" version >/dev/null 2>&1; do sleep 0.1; done
}
clean_up() {
  out/bin/gantry -H "$socket" rm -f counter >/dev/null 2>&1 || true
  kill -TERM "$daemon" 2>/dev/null || true
  wait "$daemon" 2>/dev/null || true
  sleep 1
  rm -rf "$work"
}
trap clean_up EXIT

start
out/bin/gantry -H "$socket" load -q -i out/images/busybox.tar
out/bin/gantry -H "$socket" run -d --name counter busybox sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); echo $i; done; exit 7' >/dev/null
kill -KILL "$daemon"
echo "The daemon is dead. The container's processes:"
ps -eo pid,args | grep '[i]=0; while' || echo "(it has ended already)"
start
echo "A new daemon says that it ends with:  $(out/bin/gantry -H "$socket" wait counter)"
echo "Lines in its log:                     $(out/bin/gantry -H "$socket" logs counter | wc -l)"
out/bin/gantry -H "$socket" logs counter | awk '$1 != NR {print "line " NR " reads " $1; exit 1}' && echo "Each has its number."
