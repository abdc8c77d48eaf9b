// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hook/rules.hpp"

#include "hook/glob.hpp"

namespace keeper {

Result<std::unique_ptr<hook_rules>> make_hook_rules(const HookRequest& request) {
    auto rules = std::make_unique<hook_rules>();
    rules->all = request.all ? 1 : 0;
    // The sockets that a service manager creates itself are those of socket units, which have a setting of
    // their own.
    Result<void> added = add_name(*rules, "init.scope", hook_where_anywhere, hook_effect_never);
    if (added) {
        added = add_glob(*rules, "mptcp-keeper-run-*.scope", hook_where_anywhere, hook_effect_run);
    }
    for (const std::string& slice : request.slices) {
        if (added) {
            added = add_name(*rules, slice, hook_where_slices, hook_effect_chosen);
        }
    }
    for (const std::string& glob : request.excluded) {
        if (added) {
            added = add_glob(*rules, glob, hook_where_slices_and_unit, hook_effect_never);
        }
    }
    if (!added) {
        return propagate(added);
    }
    return rules;
}

} // namespace keeper
