// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "applications/program_hook.hpp"
#include "plan/planner.hpp"

namespace keeper::planner {

namespace {

constexpr const char* attached = "attached";

struct Hook {
    const ObservedProgramHook& now;
    std::map<std::string, Source> wanted;   ///< keys with their places
    std::vector<std::string> keys_now = {}; ///< empty also if the attached program's request is not known
    std::string request = {};               ///< the wanted one; empty for none
};

bool is_attached_now(const Hook& hook, const std::string& key) {
    return std::find(hook.keys_now.begin(), hook.keys_now.end(), key) != hook.keys_now.end();
}

Change hook_change(const Hook& hook, const std::string& key) {
    const auto wanted = hook.wanted.find(key);
    Change change;
    change.resource = Resource::program_hook;
    change.key = key;
    change.before = is_attached_now(hook, key) ? Value(std::string(attached)) : Value();
    change.after = wanted != hook.wanted.end() ? Value(std::string(attached)) : Value();
    change.source = wanted != hook.wanted.end() ? to_string(wanted->second) : "";
    change.action = ChangeProgramHook{.request = hook.request, .request_before = hook.now.request};
    return change;
}

void mark(Change& change, Actionability actionability, std::string note) {
    change.actionability = actionability;
    change.note = std::move(note);
    change.action = std::monostate{};
}

/// Why a declared program cannot be attached on this host; empty if it can.
std::string why_unsupported(const ObservedProgramHook& hook, const std::string& kernel_release) {
    switch (hook.obstacle) {
    case HookObstacle::none:
        return "";
    case HookObstacle::other_network:
        return "the program covers the host's network namespace only";
    case HookObstacle::no_systemd:
        return "mptcp-keeper-bpf.service attaches the program, and systemd is not running";
    case HookObstacle::no_cgroup2:
        return "it recognises units by their cgroup version 2, and this host was booted with version 1";
    case HookObstacle::no_hook:
        return "Linux " + kernel_release +
               " lacks the function update_socket_protocol() (Linux 6.6 and later have it), or its BTF";
    case HookObstacle::no_package:
        return "it requires the package mptcp-keeper-bpf, which is not installed";
    case HookObstacle::refused:
        return "the kernel refused the program: " + hook.refusal +
               "; to try again, run `systemctl restart mptcp-keeper-bpf`";
    }
    return "";
}

/// How a declared program is attached, or why it is not.
void decide(Change& change, const Hook& hook, const Input& input) {
    if (std::string reason = why_unsupported(hook.now, input.observed.kernel_release); !reason.empty()) {
        return mark(change, Actionability::unsupported, std::move(reason));
    }
    if (input.scope.boot) {
        return mark(
            change, Actionability::deferred, "mptcp-keeper-bpf.service attaches the program after this");
    }
    change.note = change.before == change.after ? "the excluded units differ; by mptcp-keeper-bpf.service"
                                                : "by mptcp-keeper-bpf.service";
    if (!hook.now.refusal.empty()) {
        change.note += "; at the last attempt, the kernel refused the program: " + hook.now.refusal;
    }
}

/// A program that is attached without being declared.
void decide_end(Change& change, const Input& input) {
    change.before = std::string(attached);
    change.note = "no longer declared; sockets that are open stay as they are";
    if (input.scope.boot) {
        // its service may have to be started for this, and waits for the boot unit
        mark(change, Actionability::deferred, "no longer declared; it is detached after the boot");
    }
}

std::vector<std::string> keys_that_differ(const Hook& hook) {
    std::vector<std::string> keys;
    for (const auto& [key, source] : hook.wanted) {
        if (!is_attached_now(hook, key)) {
            keys.push_back(key);
        }
    }
    std::copy_if(
        hook.keys_now.begin(), hook.keys_now.end(), std::back_inserter(keys), [&](const std::string& key) {
            return hook.wanted.count(key) == 0;
        });
    if (keys.empty()) { // the exclusions differ, or what is attached is not known
        for (const auto& [key, source] : hook.wanted) {
            keys.push_back(key);
        }
    }
    return keys.empty() ? std::vector<std::string>{all_programs_key} : keys;
}

} // namespace

std::vector<Change> plan_program_hook(const Input& input) {
    if (!input.observed.program_hook) {
        return {};
    }
    Hook hook{.now = *input.observed.program_hook, .wanted = declared_hook_scope(input.desired)};
    if (!hook.wanted.empty()) {
        hook.request = to_text(hook_request(input.desired));
    }
    const bool is_of_another_host =
        hook.wanted.empty() &&
        (hook.now.obstacle == HookObstacle::other_network || hook.now.obstacle == HookObstacle::no_systemd);
    if (is_of_another_host) {
        return {}; // as in a container that shares the host's network
    }
    if (hook.now.is_attached == !hook.wanted.empty() &&
        (!hook.now.is_attached || hook.now.request == hook.request)) {
        return {};
    }
    if (const auto request = parse_hook_request(hook.now.request); request && hook.now.is_attached) {
        hook.keys_now = hook_scope(*request);
    }
    std::vector<Change> changes;
    for (const std::string& key : keys_that_differ(hook)) {
        Change change = hook_change(hook, key);
        if (!hook.wanted.empty()) {
            decide(change, hook, input);
        } else {
            decide_end(change, input);
        }
        changes.push_back(std::move(change));
    }
    return changes;
}

} // namespace keeper::planner
