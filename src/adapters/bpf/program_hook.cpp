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
constexpr std::chrono::seconds service_limit{30};
constexpr std::size_t largest_file = 256 * 1024;

/// The content of one of the exchanged files; empty if there is none.
std::string content_of(std::string_view path) {
    auto text = read_bounded(std::string(path), largest_file);
    return text && *text ? std::move(**text) : std::string();
}

std::string first_line_of(const std::string& text) {
    return text.substr(0, text.find('\n'));
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
    if (network_ == Network::other) {
        return HookObstacle::other_network;
    }
    if (!is_systemd_running()) {
        return HookObstacle::no_systemd;
    }
    if (::access(loader, X_OK) != 0) {
        return HookObstacle::no_package;
    }
    return has_kernel_hook() ? HookObstacle::none : HookObstacle::no_hook;
}

ObservedProgramHook ProgramHook::observe() {
    ObservedProgramHook hook;
    std::string request = content_of(hook_attached_file);
    const bool is_as_written = !request.empty() && is_hook_attached(exact_probe(request));
    hook.is_attached = is_as_written || is_hook_attached();
    if (is_as_written) {
        hook.request = std::move(request);
    }
    hook.obstacle = find_obstacle();
    if (hook.obstacle == HookObstacle::none && !hook.is_attached) {
        hook.refusal = first_line_of(content_of(hook_refused_file));
        hook.obstacle = hook.refusal.empty() ? HookObstacle::none : HookObstacle::refused;
    }
    return hook;
}

Result<void> ProgramHook::prepare(const std::string& request) {
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
    // It attaches the new program before it detaches the old one.
    auto started = run_systemctl({"reload-or-restart", "--", service}, service_limit);
    if (started && is_hook_attached(exact_probe(request))) {
        return {};
    }
    if (const std::string refusal = first_line_of(content_of(hook_refused_file)); !refusal.empty()) {
        return fail(ErrorKind::unsupported, "the kernel refused the program: " + refusal);
    }
    return fail(
        (started ? std::string("sockets do not show the program") : started.error().message) +
        "; see `journalctl -u mptcp-keeper-bpf`");
}

Result<void> ProgramHook::detach() {
    // A program that was attached without the service is not detached by stopping it.
    if (!systemctl_output({"is-active", "--quiet", "--", service}, service_limit)) {
        if (auto started = run_systemctl({"start", "--", service}, service_limit); !started) {
            return started;
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
