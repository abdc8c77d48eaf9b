#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs the missing packages for the given groups of tasks, without asking questions.
#   tests/install_packages.sh build|demo|test|release...
# Uses apt on Debian and Ubuntu, dnf on Fedora and RHEL (which needs EPEL and CRB). The lists for dnf are untested.
# If nothing is missing, it installs nothing and contacts no package server.
set -euo pipefail

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    manager=apt
    build=(cmake g++ make pkg-config libnm-dev libglib2.0-dev libmnl-dev libyaml-cpp-dev libexpected-dev libfmt-dev
           nlohmann-json3-dev libcli11-dev libsystemd-dev nettle-dev gzip dpkg-dev file clang libbpf-dev bpftool)
    # The lab: two hosts in network namespaces, each with a real NetworkManager, and traffic between them.
    demo=(network-manager dbus iproute2 iperf3 mptcpize procps python3 mount hostname)
    test=("${demo[@]}" nftables iptables libgtest-dev python3-pytest python3-yaml python3-jsonschema dnsmasq-base
          strace clang-format shellcheck zsh fish binutils systemd lintian rpm man-db mmdebstrap systemd-container
          debhelper ninja-build pkgconf rpmlint autopkgtest ccache
          mptcpd mptcpd-plugins qemu-system-x86 kmod cpio zstd xz-utils apparmor openvpn network-manager-openvpn
          openssl puppet-agent python3-jinja2 prometheus prometheus-node-exporter ansible-core ansible-lint yamllint
          openssh-client selinux-policy-dev)
    # Creates roots of other Debian releases.
    release=(mmdebstrap python3 mount hostname tar)
elif command -v dnf >/dev/null && command -v rpm >/dev/null; then
    manager=dnf
    build=(cmake gcc-c++ make pkgconf-pkg-config NetworkManager-libnm-devel glib2-devel libmnl-devel yaml-cpp-devel
           expected-devel fmt-devel json-devel cli11-devel systemd-devel nettle-devel glibc-static libstdc++-static gzip
           rpm-build file clang libbpf-devel bpftool)
    # mptcpize is in the package mptcpd.
    demo=(NetworkManager dbus-daemon iproute iperf3 mptcpd procps-ng python3 util-linux hostname)
    test=("${demo[@]}" nftables iptables-nft gtest-devel python3-pytest python3-pyyaml python3-jsonschema dnsmasq
          strace clang-tools-extra ShellCheck zsh fish binutils systemd man-db systemd-container
          qemu-system-x86-core kmod cpio zstd xz openvpn NetworkManager-openvpn openssl python3-jinja2 ansible-core
          yamllint openssh-clients selinux-policy-devel rpmlint ninja-build ccache)
    # Debian roots are created only on Debian and Ubuntu; the tests that need one are skipped.
    release=()
else
    manager=none
    build=() demo=() test=() release=()
fi

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

if [ $manager = none ]; then
    echo "${0##*/}: neither apt nor dnf was found: install the packages yourself (README.md lists the libraries)" >&2
    exit 0
fi

is_installed() {
    case $manager in
    apt) [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    dnf) rpm --query --whatprovides "$1" >/dev/null 2>&1 ;;
    esac
}

missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "${0##*/}: packages are missing and only root can install them: ${missing[*]}" >&2
    exit 77
fi

log=$(mktemp)
policy=
trap 'rm -f "$log" $policy' EXIT
quietly() {
    if ! "$@" </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        return 1
    fi
}

echo "installing: ${missing[*]}"
if [ $manager = dnf ]; then
    quietly dnf --assumeyes --setopt=install_weak_deps=False install "${missing[@]}"
    exit 0
fi

# Installing NetworkManager must not start it on this machine: the lab starts its own.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
apt=(apt-get --quiet=2 --option=DPkg::Lock::Timeout=300 --option=Acquire::Retries=3
     --option=Dpkg::Use-Pty=0)
quietly "${apt[@]}" update
quietly "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"
