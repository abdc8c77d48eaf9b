#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Demonstrates mptcp-keeper on two hosts that exist only as network namespaces, each with its own NetworkManager.
# Installs missing packages, builds in build/ (or $BUILD_DIR) and cleans up. Run it as root on Debian or Ubuntu; it
# asks no questions. On Fedora and RHEL it uses dnf, which is untested. Exit status 0: two subflows were seen.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/tools/build_progress.sh

if [ "$(id -u)" -ne 0 ]; then
    echo "${0##*/}: network namespaces require root: run it as root or with sudo" >&2
    exit 77
fi
if [ ! -e /proc/sys/net/mptcp/enabled ]; then
    echo "${0##*/}: the running kernel ($(uname -r)) does not support MPTCP" >&2
    exit 77
fi
tests/install_packages.sh build demo

build=${BUILD_DIR:-build}
mkdir -p "$build"
# Keep the tests if the folder is already configured with them; configure a new folder without.
tests=()
[ -e "$build/CMakeCache.txt" ] || tests=(-DBUILD_TESTING=OFF)
echo "configuring $build/"
cmake -S . -B "$build" "${tests[@]}" >"$build/configure.log" 2>&1 || {
    cat "$build/configure.log" >&2
    exit 1
}
build_with_progress "$build" --parallel "$(nproc)" --target mptcp-keeper
exec /usr/bin/python3 -B tests/lab/demo.py "$build/mptcp-keeper"
