// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/declaration.hpp"

#include <algorithm>

#include "applications/disabling.hpp"
#include "base/text/yaml_scalar.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"

namespace keeper::rules {

const DesiredEndpoint* declared_endpoint(const Facts& facts, const SocketAddress& key) {
    if (!facts.desired) {
        return nullptr;
    }
    const auto found = facts.desired->endpoints.find(key);
    return found == facts.desired->endpoints.end() ? nullptr : &found->second;
}

bool is_declared_present(const Facts& facts, const SocketAddress& key) {
    const DesiredEndpoint* declared = declared_endpoint(facts, key);
    return declared != nullptr && !declared->absent;
}

bool is_declared_absent(const Facts& facts, const SocketAddress& key) {
    const DesiredEndpoint* declared = declared_endpoint(facts, key);
    return declared != nullptr && declared->absent;
}

bool is_about_to_change(const Facts& facts, const Endpoint& endpoint) {
    if (!facts.desired) {
        return false;
    }
    const auto devices = managed_devices(*facts.desired, facts.host, Scope{});
    const ManagedDevice* maker =
        endpoint.key.port == 0 ? find_maker(devices.or_empty(), endpoint.key) : nullptr;
    if (maker != nullptr) {
        return maker->rule != nullptr && find_in(maker->wanted, endpoint.key) == nullptr;
    }
    const DesiredEndpoint* declared = declared_endpoint(facts, endpoint.key);
    return declared != nullptr && (declared->absent || declared->flags.without(EndpointFlag::laminar) !=
                                                           endpoint.flags.without(EndpointFlag::laminar));
}

bool conflicts_with_entry(const Facts& facts, const Profile& profile, MptcpFlags flags) {
    return std::any_of(
        profile.activations.begin(), profile.activations.end(), [&](const ProfileActivation& activation) {
            const Link* link = find_link(facts.host, activation.ifindex);
            if (link == nullptr) {
                return false;
            }
            const MptcpFlags resolved = resolve(flags, activation, *facts.host.network_manager);
            const auto created = endpoints_by_network_manager(resolved, *link, true);
            return std::any_of(created.begin(), created.end(), [&](const Endpoint& endpoint) {
                return is_declared_present(facts, endpoint.key);
            });
        });
}

const ProfileRule* rule_for_flags(const Facts& facts, const Profile& profile) {
    const ProfileRule* rule = facts.desired ? deciding_rule(facts.desired->profiles, profile) : nullptr;
    return rule != nullptr && rule->flags && rule->flags->empty() ? nullptr : rule;
}

bool has_drifted(const Facts& facts, const Profile& profile) {
    const ProfileRule* rule = facts.desired ? deciding_rule(facts.desired->profiles, profile) : nullptr;
    return rule != nullptr && rule->flags && *rule->flags != profile.stored && facts.host.network_manager &&
           !unsupported_flag(*rule->flags, *facts.host.network_manager);
}

const std::string* declared_sysctl(const Facts& facts, const std::string& name) {
    if (!facts.desired) {
        return nullptr;
    }
    const auto found = facts.desired->sysctls.find(name);
    return found == facts.desired->sysctls.end() ? nullptr : &found->second.value;
}

bool declares_userspace_path_manager(const Facts& facts) {
    const std::string* name = declared_sysctl(facts, "path_manager");
    const std::string* type = declared_sysctl(facts, "pm_type");
    return (name != nullptr && *name == "userspace") || (type != nullptr && *type == "1");
}

bool would_change(const Facts& facts, Resource resource) {
    if (!facts.desired) {
        return false;
    }
    Ownership ownership;
    ownership.kernel = facts.kernel;
    Scope scope;
    scope.sections.erase(Section::units);
    scope.sections.erase(Section::program_hook);
    const Plan plan = make_plan(*facts.desired, facts.host, ownership, scope);
    return std::any_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
        return change.resource == resource && change.actionability == Actionability::actionable;
    });
}

std::string declare_unit(const Facts& facts, const std::string& unit) {
    const bool is_disabled = facts.desired && declares_disabling(*facts.desired);
    return std::string(is_disabled ? "sysctl: {enabled: true}\n" : "") + "applications:\n  units: [" +
           yaml_scalar(unit) + "]";
}

std::string declare_never(const std::string& unit) {
    return "applications:\n  never: [" + yaml_scalar(unit) + "]";
}

} // namespace keeper::rules
