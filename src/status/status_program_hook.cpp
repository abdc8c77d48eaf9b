// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "applications/program_hook.hpp"
#include "status/status_parts.hpp"

namespace keeper {

std::string_view to_string(ProgramHookState state) {
    switch (state) {
    case ProgramHookState::attached:
        return "attached";
    case ProgramHookState::detached:
        return "detached";
    case ProgramHookState::unavailable:
        return "unavailable";
    }
    return "";
}

namespace status_parts {

namespace {

/// The first change of the program hook; null if it is as declared.
const Change* find_hook_change(const Input& input) {
    const auto& changes = input.plan.changes;
    const auto found = std::find_if(changes.begin(), changes.end(), [](const Change& change) {
        return change.resource == Resource::program_hook;
    });
    return found == changes.end() ? nullptr : &*found;
}

std::string reason_of(const Input& input, const Change* change, bool is_attached) {
    if (change != nullptr && change->actionability != Actionability::actionable) {
        return change->note;
    }
    if (is_attached && enabled_now(input.observed) == false) {
        return "net.mptcp.enabled is 0, so it leaves all sockets on TCP";
    }
    if (change == nullptr) {
        return "";
    }
    return is_attached ? "it is attached for other units than declared" : "it is declared, but not attached";
}

} // namespace

void add_program_hook(const Input& input, Status& status) {
    ProgramHookStatus& hook = status.program_hook;
    if (!input.observed.program_hook) {
        return;
    }
    const ObservedProgramHook& observed = *input.observed.program_hook;
    const Change* change = find_hook_change(input);
    const bool is_unsupported = change != nullptr && change->actionability == Actionability::unsupported;
    hook.state = observed.is_attached ? ProgramHookState::attached
                 : is_unsupported     ? ProgramHookState::unavailable
                                      : ProgramHookState::detached;
    hook.in_sync = is_in_sync(change);
    hook.reason = reason_of(input, change, observed.is_attached);
    const auto attached = parse_hook_request(observed.request);
    if (attached || declares_program_hook(input.desired)) {
        const HookRequest request = attached ? *attached : hook_request(input.desired);
        hook.scope = hook_scope(request);
        hook.excluded = request.excluded;
        std::sort(hook.excluded.begin(), hook.excluded.end());
    }
}

} // namespace status_parts

} // namespace keeper
