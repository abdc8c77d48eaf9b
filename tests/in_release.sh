#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the two commands of the README in a new minimal root of a Debian release.
#   tests/in_release.sh RELEASE [ARGUMENT OF CTEST...]
# RELEASE is a code name, 12, 13 or testing. Without arguments of ctest it runs all tests except the booted systems,
# since boot.RELEASE creates and boots its own root, and except the package builds, which are tested on Debian 12.
# Packages come from the archives that apt uses on this machine.
# Cleans up, also after a failure. Requires root; the exit status is that of the command that failed.
#   TMPDIR        the folder for the root, with 5 GB free (/var/tmp)
#   KEEPER_CACHE  a folder that keeps downloaded packages and compiled files for the next run (none)
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
12) release=bookworm ;;
13) release=trixie ;;
'' | -*)
    echo "usage: ${0##*/} RELEASE [ARGUMENT OF CTEST...]" >&2
    exit 64
    ;;
*) release=$1 ;;
esac
shift
[ $# -gt 0 ] || set -- --exclude-regex '^(boot[.]|packaging$)'

if [ "$(id -u)" -ne 0 ]; then
    echo "${0##*/}: creating a root of $release requires root: run it as root or with sudo" >&2
    exit 77
fi
tests/install_packages.sh release

scratch=$(mktemp --directory "${TMPDIR:-/var/tmp}/keeper-release-XXXXXX")
root=$scratch/root
running=
clean_up() {
    trap - EXIT
    # The mounts and processes are in namespaces that end with this process: nothing is left to unmount.
    [ -z "$running" ] || { kill -KILL "$running" && wait "$running"; } 2>/dev/null || true
    rm -rf --one-file-system "$scratch" || { sleep 1 && rm -rf --one-file-system "$scratch"; }
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs a command in its own namespaces, but with the network of the machine, which apt needs.
contained() {
    unshare --mount --pid --uts --ipc --fork --kill-child --mount-proc "$@" </dev/null &
    running=$!
    local code=0
    wait "$running" || code=$?
    running=
    return $code
}

echo "=== $release: a minimal root"
extra=() binds=()
environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
if [ -n "${KEEPER_CACHE:-}" ]; then
    mkdir -p "$KEEPER_CACHE/archives-$release" "$KEEPER_CACHE/ccache-$release"
    extra=(ccache)
    binds=("$KEEPER_CACHE/archives-$release" /var/cache/apt/archives
           "$KEEPER_CACHE/ccache-$release" /var/cache/ccache)
    environment+=(CCACHE_DIR=/var/cache/ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
for name in http_proxy https_proxy no_proxy; do
    [ -z "${!name:-}" ] || environment+=("$name=${!name}")
done
contained /usr/bin/python3 -B tests/lab/debian.py "$release" "$root" "${extra[@]}"

# The files of the work tree, without ignored ones.
mkdir "$root/checkout"
{
    git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard 2>/dev/null ||
        find . -path ./build -prune -o -type f -print0
} | while IFS= read -r -d '' file; do
    [ ! -e "$file" ] || printf '%s\0' "$file"
done | tar --create --null --files-from=- | tar --extract --no-same-owner --directory="$root/checkout"

# shellcheck disable=SC2016 # the inner shell expands it
enter='
set -e
root=$1 name=$2
shift 2
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
cp --remove-destination --dereference /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
hostname "$name"
while [ "$1" != -- ]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    shift 2
done
shift
exec chroot "$root" env --ignore-environment --chdir=/checkout "$@"'

in_root() {
    local code=0 started=$SECONDS
    echo "=== $release: $*"
    contained bash -c "$enter" bash "$root" "$release" "${binds[@]}" -- "${environment[@]}" "$@" || code=$?
    echo "=== $release: $* ended with $code after $((SECONDS - started)) s"
    return $code
}
in_root examples/demo.sh
in_root tests/run.sh "$@"
