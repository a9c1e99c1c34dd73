#!/bin/bash
# Makes an image of a folder and runs it: no archive, no registry. Needs an engine that listens, and `make` for out/images/busybox.tar.
#   examples/import-a-rootfs.sh [SOCKET]
set -euo pipefail
cd "$(dirname "$0")/.."
gantry=(out/bin/gantry)
[[ $# -eq 0 ]] || gantry+=(-H "$1")

rootfs=$(mktemp -d)
trap 'rm -rf "$rootfs"' EXIT
tar -xOf out/images/busybox.tar --wildcards '*/layer.tar' | tar -xC "$rootfs"
echo 'Hello from a folder' >"$rootfs/greeting"

tar -C "$rootfs" -c . | "${gantry[@]}" import -c 'CMD ["cat", "/greeting"]' -m 'made by an example' - greeting:1
"${gantry[@]}" run --rm greeting:1
"${gantry[@]}" rmi greeting:1
