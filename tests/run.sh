#!/bin/bash
# Installs what is missing, builds in build/ (or $BUILD_DIR) and runs every test with CTest.
# Arguments go to ctest, e.g. tests/run.sh -R unit. The exit code is ctest's.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/install_packages.sh build test

build=${BUILD_DIR:-build}
# A folder that was configured for another checkout or another purpose would be refused or mislead.
home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null || true)
if [ -n "$home" ] && [ "$home" != "$PWD" ]; then
    rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
fi
jobs=$(nproc)
[ "$jobs" -le 8 ] || jobs=8
mkdir -p "$build"
cmake -S . -B "$build" -DBUILD_TESTING=ON >"$build/configure.log" 2>&1 || {
    cat "$build/configure.log" >&2
    exit 1
}
cmake --build "$build" --parallel "$jobs"

# Why a test was skipped stands in its own output, which CTest shows for failures only: put the reasons in
# front of CTest's closing lines.
log=$build/Testing/Temporary/LastTest.log
# Tests wait more than they compute: one more at a time than there are processors.
# Real systems boot and real programs end in their own time here: a test that lost a race on a busy machine gets
# one more try, and CTest shows both.
set +e
ctest --test-dir "$build" --output-on-failure --parallel $((jobs + 1)) --repeat until-pass:2 "$@" | awk -v log_file="$log" '
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
