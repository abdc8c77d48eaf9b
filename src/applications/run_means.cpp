// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/run_means.hpp"

#include "base/text/printable.hpp"
#include "model/go_build.hpp"

namespace keeper {

namespace {

constexpr const char* install_library =
    "install the package mptcpize (Debian, Ubuntu) or mptcpd (Fedora, RHEL)";
constexpr const char* install_hook =
    "the program hook, which would reach the program, is not attached: install the package mptcp-keeper-bpf and "
    "declare applications.slices or applications.all";
constexpr const char* hook_elsewhere =
    "the program hook of mptcp-keeper-bpf does not act in this container or network namespace: run it in those of the "
    "host";

bool is_go(const RunFacts& facts) {
    return facts.program.executable.is_known && facts.program.executable.is_go;
}

/// What the kernel loads: "/opt/app", or "/opt/app, run by /bin/sh,".
std::string subject(const FoundProgram& program) {
    return printable(program.path) +
           (program.interpreter.empty() ? "" : ", run by " + printable(program.interpreter) + ",");
}

/// Why GODEBUG does not reach every socket of a Go program.
std::string go_limit(const std::string& version) {
    if (!go_knows_mptcp(version)) {
        return "GODEBUG=multipathtcp=1 requires Go 1.21 or later";
    }
    if (!go_covers_tcp_functions(version)) {
        return "GODEBUG=multipathtcp=1 does not concern sockets of net.ListenTCP and net.DialTCP before Go 1.24";
    }
    return "GODEBUG=multipathtcp=1 does not concern sockets that it creates in its own way";
}

/// Why LD_PRELOAD does not reach the program, whether the library is installed or not; "" if it does.
std::string preload_obstacle(const FoundProgram& program) {
    if (program.gains_privileges) {
        return " is setuid or setgid or has file capabilities: the loader ignores LD_PRELOAD";
    }
    if (!program.executable.is_known) {
        return "";
    }
    if (!program.executable.is_dynamic) {
        return " is statically linked: nothing can be preloaded into it";
    }
    return program.executable.is_other_class
               ? " is a program of another word size, for which libmptcpwrap is not available"
               : "";
}

/// Why the variables do not reach every socket of the program; "" if they do.
std::string obstacle(const RunFacts& facts) {
    const FoundProgram& program = facts.program;
    if (is_go(facts)) {
        const std::string& version = program.executable.go_version;
        return subject(program) + " was built with Go" + (version.empty() ? "" : " " + printable(version)) +
               ": " + go_limit(version);
    }
    if (const std::string found = preload_obstacle(program); !found.empty()) {
        return subject(program) + found;
    }
    return facts.has_library ? "" : "libmptcpwrap is not installed";
}

/// Whether the library would be of use to the program.
bool lacks_only_library(const RunFacts& facts) {
    return !facts.has_library && !is_go(facts) && preload_obstacle(facts.program).empty();
}

/// The choice where the hook does not help, with what to do instead.
RunChoice without_hook(const RunFacts& facts, const std::string& advice) {
    const bool knows_mptcp = is_go(facts) && go_knows_mptcp(facts.program.executable.go_version);
    const bool is_refused = !facts.has_library && !knows_mptcp;
    const std::string result = is_refused    ? "; it is not started"
                               : knows_mptcp ? "; they use TCP"
                                             : "; it runs with TCP";
    return {
        .means = is_refused ? RunMeans::refused : RunMeans::partly,
        .reason = obstacle(facts) + (lacks_only_library(facts) ? "" : result) + "; " + advice};
}

} // namespace

bool depends_on_hook(const RunFacts& facts) {
    return !obstacle(facts).empty();
}

RunChoice choose_means(const RunFacts& facts, HookState hook) {
    if (!depends_on_hook(facts)) {
        return {};
    }
    switch (hook) {
    case HookState::in_effect:
        return {};
    case HookState::attached:
        return {.means = RunMeans::scope, .reason = ""};
    case HookState::absent:
    case HookState::out_of_reach:
        break;
    }
    if (is_go(facts) && go_covers_tcp_functions(facts.program.executable.go_version)) {
        return {};
    }
    if (lacks_only_library(facts)) {
        return without_hook(facts, install_library);
    }
    return without_hook(facts, hook == HookState::absent ? install_hook : hook_elsewhere);
}

RunChoice choose_without_scope(const RunFacts& facts, std::string_view why) {
    return without_hook(
        facts,
        "the program hook, which would reach the program, is attached, but " + std::string(why) +
            (lacks_only_library(facts) ? std::string("; ") + install_library : ""));
}

} // namespace keeper
