# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by examples/demo.sh and tests/run.sh: builds and shows the progress.

# build_with_progress FOLDER [OPTION OF cmake --build...]
# Builds the configured FOLDER with Make or Ninja. Shows one changing line on a terminal, otherwise a line every 10 %,
# and everything else that the build prints, such as compiler errors. The whole output goes to FOLDER/build.log.
# Returns the exit status of the build.
build_with_progress() {
    local folder=$1 status=0
    shift
    (
        set -o pipefail
        cmake --build "$folder" "$@" 2>&1 | tee "$folder/build.log" | show_build_progress "$folder"
    ) || status=$?
    [ $status -eq 0 ] || echo "the build failed with status $status; the whole output is in $folder/build.log" >&2
    return $status
}

# Reads the output of Make ("[ 45%] Building ...") or Ninja ("[12/68] Building ...").
show_build_progress() {
    local folder=$1 start=$SECONDS line percent total='' shown=-1 columns=80 erase=''
    local noise='^(-- |Consolidate compiler|Scanning dependencies|(g?make|ninja)([[][0-9]+[]])?: (Entering|Leaving) )'
    if [ -t 1 ]; then
        erase=$'\r\e[K'
        columns=$(tput cols 2>/dev/null) || columns=80
    fi
    while IFS= read -r line || [ -n "$line" ]; do
        if [[ $line =~ ^\[\ *([0-9]+)%\]\ (.*) ]]; then
            percent=${BASH_REMATCH[1]}
        elif [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (Re-checking|Re-running) ]]; then
            continue
        elif [[ $line =~ ^\[([0-9]+)/([1-9][0-9]*)\]\ (.*) ]]; then
            percent=$((BASH_REMATCH[1] * 100 / BASH_REMATCH[2]))
            [ "$total" = "${BASH_REMATCH[2]}" ] || shown=-1 # Ninja starts to count again after it ran CMake
            total=${BASH_REMATCH[2]}
        elif [[ $line =~ $noise ]]; then
            continue
        else
            printf '%s%s\n' "$erase" "$line"
            continue
        fi
        if [ -n "$erase" ]; then
            line="building in $folder/: $percent % ${line#*] }"
            printf '%s%s' "$erase" "${line:0:columns-1}"
        elif [ $((percent / 10)) -gt $((shown < 0 ? -1 : shown / 10)) ]; then
            echo "building in $folder/: $percent % after $((SECONDS - start)) s"
            shown=$percent
        fi
    done
    # Make reports a step when it begins: the last ones still run at 100 %.
    if [ -n "$erase" ]; then
        printf '%s' "$erase"
    else
        echo "building in $folder/: ended after $((SECONDS - start)) s"
    fi
}
