// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "base/text/join.hpp"
#include "model/facts.hpp"

/// Queries that several rules share.
namespace keeper::rules {

/// The configured endpoints, without those that the kernel added itself (implicit).
[[nodiscard]] inline std::vector<Endpoint> configured_endpoints(const Facts& facts) {
    std::vector<Endpoint> result;
    for (const Endpoint& endpoint : facts.host.endpoints.or_empty()) {
        if (!endpoint.is_implicit()) {
            result.push_back(endpoint);
        }
    }
    return result;
}

/// An address and the interface that has it; null pointers if no interface does.
struct AddressOnLink {
    const Link* link = nullptr;
    const LinkAddress* address = nullptr;
};

[[nodiscard]] inline AddressOnLink find_address(const Facts& facts, const IpAddress& address) {
    for (const Link& link : facts.host.links.or_empty()) {
        if (const LinkAddress* found = keeper::find_address(link, address)) {
            return {&link, found};
        }
    }
    return {};
}

/// The endpoint only announces its address, which may be the host's public address behind NAT.
[[nodiscard]] inline bool may_be_behind_nat(const Endpoint& endpoint) {
    return endpoint.flags.has(EndpointFlag::signal) && !endpoint.flags.has(EndpointFlag::subflow) &&
           endpoint.ifindex.value == 0 && endpoint.key.port == 0;
}

[[nodiscard]] inline std::string interface_name(const Facts& facts, Ifindex ifindex) {
    const Link* link = find_link(facts.host, ifindex);
    return link == nullptr ? "interface " + std::to_string(ifindex.value) : link->name;
}

[[nodiscard]] inline bool uses_userspace_path_manager(const Facts& facts) {
    const auto is_set_to = [&](const char* name, const char* value) {
        const std::string* found = find_sysctl_value(facts.host, name);
        return found != nullptr && *found == value;
    };
    return is_set_to("path_manager", "userspace") || is_set_to("pm_type", "1");
}

/// "signal subflow", in the syntax of `ip mptcp endpoint`.
[[nodiscard]] inline std::string flag_text(EndpointFlags flags) {
    return joined(names(flags), " ");
}

} // namespace keeper::rules
