// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/useless_endpoints.hpp"

#include "base/text/join.hpp"
#include "doctor/fixes.hpp"
#include "doctor/link_kind.hpp"
#include "model/endpoint_use.hpp"

namespace keeper::rules {

namespace {

/// Why no connection ever uses the endpoint; empty if one does, or may.
std::string why_useless(const Facts& facts, const Endpoint& endpoint) {
    if (is_used(facts, endpoint)) {
        return "";
    }
    if (!have_effect(endpoint.flags)) {
        return describe_flags(endpoint);
    }
    if (endpoint.key.address.is_link_local()) {
        return "it is a link-local address";
    }
    if (endpoint.ifindex.value != 0 && find_link(facts.host, endpoint.ifindex) == nullptr) {
        return "its interface no longer exists";
    }
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    if (local.address == nullptr) {
        return may_be_behind_nat(endpoint) ? "" : "no interface has this address";
    }
    return is_host_internal(facts, local) ? *describe_kind(facts, *local.link) : "";
}

} // namespace

std::string describe_flags(const Endpoint& endpoint) {
    return endpoint.flags.empty() ? "it has no flags" : "its only flag is " + flag_text(endpoint.flags);
}

bool is_host_internal(const Facts& facts, const AddressOnLink& local) {
    const LinkKind kind = kind_of(facts, *local.link);
    return kind != LinkKind::ordinary && kind != LinkKind::tunnel &&
           !facts.off_link.contains(local.address->address) &&
           path_objection(facts, *local.link, *local.address).has_value();
}

std::vector<Endpoint> useless_endpoints(const Facts& facts) {
    std::vector<Endpoint> useless;
    if (!facts.host.network_manager && !facts.host.network_manager_error.empty()) {
        return useless;
    }
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        if (!why_useless(facts, endpoint).empty() && !is_declared(facts, endpoint) &&
            !belongs_to_network_manager(facts, endpoint)) {
            useless.push_back(endpoint);
        }
    }
    return useless;
}

std::string delete_useless(const Facts& facts) {
    std::vector<std::string> commands;
    for (const Endpoint& endpoint : useless_endpoints(facts)) {
        commands.push_back(
            "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value) + "   # " +
            to_string(endpoint.key) + ": " + why_useless(facts, endpoint));
    }
    return joined(commands, "\n");
}

} // namespace keeper::rules
