// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/sysctl_table.hpp"
#include "plan/planner.hpp"
#include "plan/sysctl_choices.hpp"

namespace keeper::planner {

namespace {

std::string missing_note(const ObservedState& observed, const std::string& name) {
    const SysctlSpec* known = find_sysctl(name);
    std::string note = "Linux " + observed.kernel_release + " has no net.mptcp." + name;
    if (known != nullptr) {
        note += ", which requires Linux " + std::string(known->since) + " or later";
    }
    return note;
}

/// Under either name, if it has two.
bool is_declared(const DesiredState& desired, const std::string& name) {
    const std::string alias = alias_of_sysctl(name);
    return desired.sysctls.count(name) != 0 || (!alias.empty() && desired.sysctls.count(alias) != 0);
}

Change sysctl_change(const Input& input, const std::string& name, const Declared<std::string>& declared) {
    const ObservedState& observed = input.observed;
    Change change;
    change.resource = Resource::sysctl;
    change.key = "net.mptcp." + name;
    change.after = declared.value;
    change.source = to_string(declared.source);
    if (!observed.mptcp_supported || !observed.sysctls) {
        change.actionability = Actionability::blocked;
        change.note = observed.mptcp_supported ? observed.sysctls.reason() : no_mptcp_in_kernel(observed);
        return change;
    }
    const std::string* found = find_sysctl_value(observed, name);
    if (found == nullptr) {
        change.actionability = Actionability::unsupported;
        change.note = missing_note(observed, name);
        return change;
    }
    change.before = *found;
    if (!is_available(*observed.sysctls, name, declared.value)) {
        change.actionability = Actionability::blocked;
        change.note = "this kernel has no " + name + " \"" + declared.value +
                      "\"; available: " + *choices_of_sysctl(*observed.sysctls, name);
        return change;
    }
    change.action = SetSysctl{name, declared.value};
    return change;
}

} // namespace

std::string no_mptcp_in_kernel(const ObservedState& observed) {
    return "Linux " + observed.kernel_release +
           " was built without MPTCP (CONFIG_MPTCP), or /proc/sys/net/mptcp is not visible here";
}

void plan_sysctls(const Input& input, Plan& plan) {
    for (const auto& [name, declared] : input.desired.sysctls) {
        const std::string* found = find_sysctl_value(input.observed, name);
        // Never write an equal value: writing blackhole_timeout resets kernel state even if it is unchanged.
        if (found == nullptr || *found != declared.value) {
            plan.changes.push_back(sysctl_change(input, name, declared));
        }
    }
    for (const auto& [name, baseline] : input.ownership.sysctls) {
        const std::string* found = find_sysctl_value(input.observed, name);
        if (!is_declared(input.desired, name) && found != nullptr) {
            plan.warnings.push_back(
                "net.mptcp." + name + " is no longer declared, left at " + *found + " (was " +
                baseline.found + " before " + baseline.source + ")");
        }
    }
}

} // namespace keeper::planner
