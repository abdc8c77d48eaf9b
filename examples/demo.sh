#!/bin/bash
# Shows mptcp-keeper at work, on two hosts that exist nowhere else: network namespaces, each with a
# NetworkManager of its own. Installs what is missing, builds in build/ (or $BUILD_DIR), cleans up after
# itself. Run it as root on Debian or Ubuntu; it asks nothing. Exit 0: two subflows were seen.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
    echo "${0##*/}: network namespaces need root: run it as root or with sudo" >&2
    exit 77
fi
if [ ! -e /proc/sys/net/mptcp/enabled ]; then
    echo "${0##*/}: the running kernel ($(uname -r)) has no MPTCP: nothing can be shown here" >&2
    exit 77
fi
tests/install_packages.sh build demo

build=${BUILD_DIR:-build}
mkdir -p "$build"
echo "building in $build/"
# Tests that a folder has been configured for stay; a new folder is configured without.
tests=()
[ -e "$build/CMakeCache.txt" ] || tests=(-DBUILD_TESTING=OFF)
if ! { cmake -S . -B "$build" "${tests[@]}" &&
       cmake --build "$build" --parallel "$(nproc)" --target mptcp-keeper; } >"$build/demo.log" 2>&1; then
    cat "$build/demo.log" >&2
    exit 1
fi
exec /usr/bin/python3 -B tests/lab/demo.py "$build/mptcp-keeper"
