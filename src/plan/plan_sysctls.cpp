#include "model/sysctl_table.hpp"
#include "plan/planner.hpp"
#include "plan/sysctl_choices.hpp"

namespace keeper::planner {

namespace {

std::string missing_note(const ObservedState& observed, const std::string& name) {
    const SysctlSpec* known = find_sysctl(name);
    std::string note = "Linux " + observed.kernel_release + " has no net.mptcp." + name;
    if (known != nullptr) {
        note += ", " + std::string(known->since) + " is the first that has it";
    }
    return note;
}

Change sysctl_change(const Input& input, const std::string& name, const Declared<std::string>& declared) {
    const ObservedState& observed = input.observed;
    Change change;
    change.resource = Resource::sysctl;
    change.key = "net.mptcp." + name;
    change.after = declared.value;
    change.source = to_string(declared.source);
    const auto found = observed.sysctls.find(name);
    if (!observed.mptcp_supported) {
        change.standing = Standing::blocked;
        change.note = no_mptcp_in_kernel(observed);
        return change;
    }
    if (found == observed.sysctls.end()) {
        change.standing = Standing::unsupported;
        change.note = missing_note(observed, name);
        return change;
    }
    change.before = found->second;
    if (!is_available(observed.sysctls, name, declared.value)) {
        change.standing = Standing::blocked;
        change.note = "this kernel has no " + name + " \"" + declared.value +
                      "\"; it has: " + *choices_of_sysctl(observed.sysctls, name);
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
        const auto found = input.observed.sysctls.find(name);
        // Never write an equal value: writing blackhole_timeout, even unchanged, resets kernel state.
        if (found == input.observed.sysctls.end() || found->second != declared.value) {
            plan.changes.push_back(sysctl_change(input, name, declared));
        }
    }
    for (const auto& [name, baseline] : input.ownership.sysctls) {
        const auto found = input.observed.sysctls.find(name);
        if (input.desired.sysctls.count(name) == 0 && found != input.observed.sysctls.end()) {
            plan.warnings.push_back(
                "net.mptcp." + name + " is no longer declared, left at " + found->second + " (it was " +
                baseline.found + " before " + baseline.source + ")");
        }
    }
}

} // namespace keeper::planner
