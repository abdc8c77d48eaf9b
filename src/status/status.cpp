// SPDX-License-Identifier: LGPL-2.1-or-later
#include "status/status.hpp"

#include <algorithm>

#include "plan/plan_warnings.hpp"
#include "status/status_parts.hpp"

namespace keeper {

namespace status_parts {

const Change* find_change(const Input& input, Resource resource, const std::string& key) {
    const auto found = input.changes.find({resource, key});
    return found == input.changes.end() ? nullptr : found->second;
}

bool is_in_sync(const Change* change) {
    return change == nullptr || keeper::is_in_sync(change->actionability);
}

std::string note_of(const Change* change) {
    return change == nullptr || change->actionability == Actionability::actionable ? "" : change->note;
}

namespace {

void add_sysctls(const Input& input, Status& status) {
    for (const auto& [name, value] : input.observed.sysctls.or_empty()) {
        status.sysctls[name].observed = value;
        status.sysctls[name].once_declared = input.ownership.sysctls.count(name) != 0;
    }
    for (const auto& [name, declared] : input.desired.sysctls) {
        ItemStatus<std::string>& item = status.sysctls[name];
        const Change* change = find_change(input, Resource::sysctl, "net.mptcp." + name);
        item.desired = declared.value;
        item.source = to_string(declared.source);
        item.in_sync = is_in_sync(change);
        item.once_declared = false;
        item.note = note_of(change);
    }
}

void add_limit(
    const Input& input,
    const std::string& name,
    const std::optional<Declared<std::uint32_t>>& declared,
    std::uint32_t Limits::*member,
    Status& status) {
    ItemStatus<std::uint32_t>& item = status.limits[name];
    if (input.observed.limits) {
        item.observed = (*input.observed.limits).*member;
    }
    if (!declared) {
        item.once_declared = input.ownership.limits.count(name) != 0;
        return;
    }
    const Change* change = find_change(input, Resource::limit, name);
    item.desired = declared->value;
    item.source = to_string(declared->source);
    item.in_sync = is_in_sync(change);
    item.note = note_of(change);
}

ConnectionCounts count_connections(const std::vector<Connection>& connections) {
    ConnectionCounts counts;
    for (const Connection& connection : connections) {
        if (connection.fallback) {
            ++counts.fallback;
            continue;
        }
        const auto& subflows = connection.subflows;
        ++counts.mptcp;
        counts.subflows += static_cast<std::size_t>(
            std::count_if(subflows.begin(), subflows.end(), [](const ConnectionSubflow& item) {
                return item.fully_established;
            }));
    }
    return counts;
}

} // namespace

} // namespace status_parts

std::string_view to_string(EndpointOwner owner) {
    switch (owner) {
    case EndpointOwner::keeper:
        return "keeper";
    case EndpointOwner::network_manager:
        return "network-manager";
    case EndpointOwner::other:
        return "other";
    }
    return "";
}

Status make_status(
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Plan& plan,
    const DaemonStatus& daemon) {
    status_parts::Input input{
        .desired = desired, .observed = observed, .ownership = ownership, .plan = plan, .changes = {}};
    for (const Change& change : plan.changes) {
        input.changes.emplace(std::pair(change.resource, change.key), &change);
    }
    Status status;
    status.in_sync = plan.in_sync();
    status.kernel_release = observed.kernel_release;
    status.mptcp_supported = observed.mptcp_supported;
    if (observed.network_manager) {
        status.network_manager_version = observed.network_manager->version;
    }
    status.network_manager_error = observed.network_manager_error;
    status_parts::add_sysctls(input, status);
    status_parts::add_limit(input, "subflows", desired.subflows, &Limits::subflows, status);
    status_parts::add_limit(
        input, "add_addr_accepted", desired.add_addr_accepted, &Limits::add_addr_accepted, status);
    status_parts::add_endpoints(input, status);
    status_parts::add_profiles(input, status);
    status_parts::add_program_hook(input, status);
    status.connections = status_parts::count_connections(observed.connections.or_empty());
    status.daemon = daemon;
    return status;
}

} // namespace keeper
