// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/bpf/program_hook.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <string_view>

#include <unistd.h>

#include "adapters/bpf/hook_probe.hpp"
#include "adapters/files/files.hpp"
#include "adapters/systemd/systemctl.hpp"
#include "applications/hook_request.hpp"

namespace keeper {

namespace {

constexpr const char* service = "mptcp-keeper-bpf.service";
constexpr const char* loader = "/usr/lib/mptcp-keeper/program-hook";
constexpr const char* kernel_types = "/sys/kernel/btf/vmlinux";
/// Loading takes a tenth of a second, or a few seconds on an emulated machine.
constexpr std::chrono::seconds service_limit{20};
constexpr std::size_t largest_file = 256 * 1024;

/// The content of one of the exchanged files; empty if there is none.
std::string content_of(std::string_view path) {
    auto text = read_bounded(std::string(path), largest_file);
    return text && *text ? std::move(**text) : std::string();
}

std::string first_line_of(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// Whether the units are in cgroup version 1. In that case, the service manager is in the root of the unified
/// hierarchy, or the kernel shows no unified hierarchy.
bool has_no_unified_hierarchy() {
    const std::string lines = "\n" + content_of("/proc/1/cgroup");
    const bool is_below_root =
        lines.find("\n0::/") != std::string::npos && lines.find("\n0::/\n") == std::string::npos;
    return lines.size() > 1 && !is_below_root;
}

} // namespace

/// The strings of the kernel's BTF contain the names of all its functions. Parsing it would show no more than
/// loading does, which decides in the end.
bool ProgramHook::has_kernel_hook() {
    if (!has_kernel_hook_) {
        std::ifstream file(kernel_types, std::ios::binary);
        const std::string types((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        constexpr std::string_view name("\0update_socket_protocol\0", 24);
        has_kernel_hook_ = types.find(name) != std::string::npos;
    }
    return *has_kernel_hook_;
}

HookObstacle ProgramHook::find_obstacle() {
    if (has_no_unified_hierarchy()) {
        return HookObstacle::no_cgroup2;
    }
    if (!has_kernel_hook()) {
        return HookObstacle::no_hook;
    }
    return ::access(loader, X_OK) == 0 ? HookObstacle::none : HookObstacle::no_package;
}

ObservedProgramHook ProgramHook::observe(bool is_declared) {
    ObservedProgramHook hook;
    hook.obstacle = network_ == Network::other ? HookObstacle::other_network
                    : !is_systemd_running()    ? HookObstacle::no_systemd
                                               : HookObstacle::none;
    std::string attached = content_of(hook_attached_file);
    const bool is_as_written = !attached.empty() && is_hook_attached(exact_probe(attached));
    hook.is_attached = is_as_written || is_hook_attached();
    if (is_as_written) {
        hook.request = std::move(attached);
    }
    if (hook.obstacle != HookObstacle::none) {
        return hook;
    }
    hook.prepared = content_of(hook_request_file);
    hook.refusal = first_line_of(content_of(hook_refused_file));
    if (is_declared && !hook.is_attached) {
        hook.obstacle = find_obstacle();
        if (hook.obstacle == HookObstacle::none && !hook.refusal.empty()) {
            hook.obstacle = HookObstacle::refused;
        }
    }
    return hook;
}

Result<void> ProgramHook::prepare(const std::string& request) {
    if (network_ == Network::other) {
        return {}; // the files are those of the host's network
    }
    if (request.empty()) {
        ::unlink(std::string(hook_request_file).c_str()); // no error if it does not exist
        return {};
    }
    if (auto made = make_directories(std::string(hook_folder)); !made) {
        return made;
    }
    return replace_run_file(std::string(hook_request_file), request, 0644);
}

Result<void> ProgramHook::attach(const std::string& request) {
    if (auto prepared = prepare(request); !prepared) {
        return prepared;
    }
    ::unlink(std::string(hook_refused_file).c_str()); // of an earlier attempt
    // It attaches the new program before it detaches the old one.
    auto started = run_systemctl({"reload-or-restart", "--", service}, service_limit);
    if (started && is_hook_attached(exact_probe(request))) {
        return {};
    }
    const std::string refusal = first_line_of(content_of(hook_refused_file));
    const bool is_old_one_attached = is_hook_attached();
    const std::string end = is_old_one_attached ? "; the former program stays attached" : "";
    if (!refusal.empty()) {
        return fail(
            is_old_one_attached ? ErrorKind::failed : ErrorKind::unsupported,
            "the kernel refused the program: " + refusal + end);
    }
    return fail(
        (started ? std::string("sockets do not show the program") : started.error().message) +
        "; see `journalctl -u mptcp-keeper-bpf`" + end);
}

Result<void> ProgramHook::detach() {
    // Stopping the service does not detach a program that was attached without it. The request turns nothing.
    if (!systemctl_output({"is-active", "--quiet", "--", service}, service_limit)) {
        if (auto prepared = prepare(to_text({.all = false, .slices = {}, .excluded = {}})); !prepared) {
            return prepared;
        }
        if (auto started = run_systemctl({"start", "--", service}, service_limit); !started) {
            return fail(
                started.error().message +
                "; to detach the program by hand, run `rm -r /sys/fs/bpf/mptcp-keeper` as root");
        }
    }
    if (auto stopped = run_systemctl({"stop", "--", service}, service_limit); !stopped) {
        return stopped;
    }
    if (is_hook_attached()) {
        return fail("the program is still attached; see `journalctl -u mptcp-keeper-bpf`");
    }
    return prepare("");
}

} // namespace keeper
