// SPDX-License-Identifier: LGPL-2.1-or-later
#include "status/host_metrics.hpp"

#include <algorithm>

namespace keeper {

namespace {

constexpr EndpointFlag counted_flags[] = {
    EndpointFlag::signal,
    EndpointFlag::subflow,
    EndpointFlag::backup,
    EndpointFlag::fullmesh,
    EndpointFlag::laminar};

EndpointCounts count_endpoints(const std::vector<EndpointStatus>& endpoints) {
    EndpointCounts counts;
    for (const EndpointOwner owner :
         {EndpointOwner::keeper, EndpointOwner::network_manager, EndpointOwner::other}) {
        for (const EndpointFlag flag : counted_flags) {
            counts[{owner, flag}] = static_cast<std::size_t>(
                std::count_if(endpoints.begin(), endpoints.end(), [&](const EndpointStatus& endpoint) {
                    return endpoint.present && endpoint.owner == owner && endpoint.flags.has(flag);
                }));
        }
    }
    return counts;
}

LiveCounts count_live(const std::vector<Connection>& connections) {
    LiveCounts counts;
    for (const Connection& connection : connections) {
        if (connection.fallback) {
            ++counts.fallbacks;
            continue;
        }
        ++counts.connections;
        for (const ConnectionSubflow& subflow : connection.subflows) {
            ++counts.subflows[subflow.state];
        }
    }
    return counts;
}

} // namespace

void add_host(
    HostMetrics& metrics,
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Plan& plan) {
    metrics.limits = observed.limits ? std::optional(*observed.limits) : std::nullopt;
    metrics.endpoints.reset();
    if (observed.endpoints) {
        metrics.endpoints = count_endpoints(make_status(desired, observed, ownership, plan, {}).endpoints);
    }
    if (observed.connections) {
        metrics.live = count_live(*observed.connections);
    }
}

void add_daemon(HostMetrics& metrics, const DaemonRecord& record) {
    if (!record.config_hash.empty()) {
        metrics.config_hash = record.config_hash;
    }
    metrics.config_valid = record.load_error.empty();
    metrics.repairs = record.repairs_of;
    metrics.last_apply = record.last_apply;
    metrics.conflicts.clear();
    for (const DaemonRecord::Conflict& conflict : record.conflicts) {
        if (const auto resource = parse_resource(conflict.resource)) {
            ++metrics.conflicts[*resource];
        }
    }
}

} // namespace keeper
