#!/bin/bash
# A container with limits, and what the process inside sees of them. Needs an engine that listens and has the image busybox.
#   examples/limits.sh [SOCKET]
set -euo pipefail
cd "$(dirname "$0")/.."
gantry=(out/bin/gantry)
[[ $# -eq 0 ]] || gantry+=(-H "$1")

"${gantry[@]}" run -d --name limited -m 64m --cpus .5 --pids-limit 20 --read-only --tmpfs /t -u 1000:1000 --network none busybox sleep 600 >/dev/null
trap '"${gantry[@]}" rm -f limited >/dev/null' EXIT
echo "who:              $("${gantry[@]}" exec limited id)"
echo "the root:         $("${gantry[@]}" exec limited touch /x 2>&1 || true)"
echo "the tmpfs:        $("${gantry[@]}" exec limited sh -c 'echo written >/t/x && cat /t/x')"
echo "too many:         $("${gantry[@]}" exec limited sh -c 'for i in $(seq 30); do sleep 1 & done' 2>&1 | tail -n 1)"
echo "what was asked:   $("${gantry[@]}" inspect --format '{{.HostConfig.Memory}} bytes, {{.HostConfig.NanoCpus}} nano-cpus, {{.HostConfig.PidsLimit}} processes' limited)"
