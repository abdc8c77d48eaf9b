#!/bin/bash
# Installs what is missing of the Debian packages that a group of tasks needs, without a question.
#   tests/install_packages.sh build|demo|test|release...
# Installs nothing, and asks no package server, where everything is there already.
set -euo pipefail

build=(cmake g++ make pkg-config libnm-dev libmnl-dev libyaml-cpp-dev libexpected-dev libfmt-dev
       nlohmann-json3-dev libcli11-dev libsystemd-dev gzip dpkg-dev file)
# The laboratory: two hosts with a real NetworkManager in network namespaces, and traffic between them.
demo=(network-manager dbus iproute2 iperf3 mptcpize procps python3 mount hostname)
test=("${demo[@]}" nftables iptables libgtest-dev python3-pytest python3-yaml python3-jsonschema dnsmasq-base strace
      clang-format shellcheck zsh fish binutils systemd lintian rpm man-db mmdebstrap systemd-container mptcpd
      mptcpd-plugins qemu-system-x86 kmod cpio zstd xz-utils apparmor)
# What makes roots of other releases.
release=(mmdebstrap python3 mount hostname tar)

usage() {
    echo "usage: ${0##*/} build|demo|test|release..." >&2
    exit 64
}

[ $# -gt 0 ] || usage
wanted=()
for group in "$@"; do
    case $group in
    build) wanted+=("${build[@]}") ;;
    demo) wanted+=("${demo[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    release) wanted+=("${release[@]}") ;;
    *) usage ;;
    esac
done

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "${0##*/}: this is no Debian or Ubuntu; taking for granted what these packages hold: ${wanted[*]}" >&2
    exit 0
fi
missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "${0##*/}: these packages are missing and only root can install them: ${missing[*]}" >&2
    exit 77
fi

# Installing NetworkManager must not hand it the network of this machine: the laboratory starts its own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi

echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
apt=(apt-get --quiet=2 --option=DPkg::Lock::Timeout=300 --option=Acquire::Retries=3
     --option=Dpkg::Use-Pty=0)
log=$(mktemp)
quietly() {
    if ! "$@" </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
}
quietly "${apt[@]}" update
quietly "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"
rm -f "$log"
