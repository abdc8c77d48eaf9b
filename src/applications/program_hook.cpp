// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/program_hook.hpp"

#include "applications/declared_units.hpp"
#include "applications/incompatible_programs.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

/// The glob of the hook for a name in `never`. A template means its instances, and the backslash of an
/// escaped name is not an escape.
std::string glob_of(const std::string& name) {
    if (is_glob(name)) {
        return name;
    }
    std::string glob;
    for (const char letter : name) {
        glob += letter == '\\' ? std::string("\\\\") : std::string(1, letter);
    }
    const std::size_t instance = glob.find("@.");
    return instance == std::string::npos ? glob : glob.replace(instance, 2, "@*.");
}

} // namespace

std::vector<std::string> hook_exclusions() {
    constexpr std::string_view names =
        // the way into the host
        "ssh.service ssh@*.service sshd.service sshd@*.service sshd-*.service dropbear.service "
        "dropbear@*.service "
        // D-Bus, NetworkManager, systemd and mptcp-keeper itself
        "dbus.service dbus-broker.service NetworkManager*.service nm-cloud-setup.service init.scope "
        "systemd-*.service polkit.service mptcp.service mptcp-keeper*.service "
        // A socket of a socket unit is created by a process in the unit's cgroup; it has a setting of its
        // own, and may be a way into the host (ssh.socket).
        "*.socket "
        // routing daemons, in addition to those below
        "bfdd.service eigrpd.service isisd.service ospf6d.service ospfd.service watchfrr.service "
        "zebra.service "
        // what runs containers and virtual machines
        "containerd.service cri-docker.service crio.service docker.service incus.service "
        "k0scontroller.service k0sworker.service k3s.service k3s-agent.service kubelet.service "
        "libvirtd.service lxc.service lxc@*.service lxd.service podman.service rke2-*.service "
        "snap.docker.dockerd.service snap.lxd.daemon.service snap.microk8s.*.service virtlxcd.service "
        "virtqemud.service "
        // containers and virtual machines, with cgroups made by systemd or by the runtime itself
        "buildah-*.scope cri-containerd-*.scope crio-*.scope docker-*.scope libpod-*.scope machine-*.scope "
        "kubepods*.slice machine.slice docker kubepods libpod_parent lxc lxc.*";
    std::vector<std::string> globs;
    for (const std::string_view name : words_of(names)) {
        globs.emplace_back(name);
    }
    const std::vector<std::string> breaking = units_known_to_break();
    globs.insert(globs.end(), breaking.begin(), breaking.end());
    return globs;
}

HookRequest hook_request(const DesiredState& desired) {
    HookRequest request;
    request.all = desired.all_programs && desired.all_programs->value;
    for (const auto& [slice, source] : desired.slices) {
        request.slices.push_back(slice);
    }
    request.excluded = hook_exclusions();
    for (const auto& [name, source] : desired.never) {
        request.excluded.push_back(glob_of(name));
    }
    return request;
}

std::string prepared_hook_request(const DesiredState& desired, const ObservedProgramHook& observed) {
    const bool is_possible = observed.obstacle == HookObstacle::none ||
                             observed.obstacle == HookObstacle::no_package ||
                             observed.obstacle == HookObstacle::refused;
    return is_possible && declares_program_hook(desired) ? to_text(hook_request(desired)) : std::string();
}

std::map<std::string, Source> declared_hook_scope(const DesiredState& desired) {
    std::map<std::string, Source> scope = desired.slices;
    if (desired.all_programs && desired.all_programs->value) {
        scope.emplace(all_programs_key, desired.all_programs->source);
    }
    return scope;
}

std::vector<std::string> hook_scope(const HookRequest& request) {
    std::vector<std::string> scope = request.slices;
    if (request.all) {
        scope.insert(scope.begin(), all_programs_key);
    }
    return scope;
}

} // namespace keeper
