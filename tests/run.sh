#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs missing packages, builds in build/ (or $BUILD_DIR) and runs all tests with CTest.
# Arguments are passed to ctest, e.g. tests/run.sh -R unit. The exit status is that of ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/tools/build_progress.sh

tests/install_packages.sh build test

build=${BUILD_DIR:-build}
# CMake refuses a folder that was configured for another checkout.
home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null || true)
if [ -n "$home" ] && [ "$home" != "$PWD" ]; then
    rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
fi
jobs=$(nproc)
[ "$jobs" -le 8 ] || jobs=8
mkdir -p "$build"
echo "configuring $build/"
cmake -S . -B "$build" -DBUILD_TESTING=ON >"$build/configure.log" 2>&1 || {
    cat "$build/configure.log" >&2
    exit 1
}
build_with_progress "$build" --parallel "$jobs"

# The reason for a skipped test is in its own output, which CTest shows only for failures: print the reasons before
# the summary of CTest.
log=$build/Testing/Temporary/LastTest.log
# Tests wait more than they compute: run one more at a time than there are processors.
set +e
ctest --test-dir "$build" --output-on-failure --parallel $((jobs + 1)) "$@" | awk -v log_file="$log" '
    /^[0-9]+% tests passed/ { closing = 1 }
    !closing { print; fflush(); next }
    { kept = kept $0 "\n" }
    END {
        while ((getline line < log_file) > 0) {
            if (line ~ /^SKIPPED \[/) print line
            if (gtest_reason && line != "") print "SKIPPED " line
            gtest_reason = line ~ /: Skipped$/
        }
        printf "%s", kept
    }'
exit "${PIPESTATUS[0]}"
