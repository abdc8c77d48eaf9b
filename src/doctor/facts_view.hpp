#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "model/facts.hpp"

/// Questions that several rules ask.
namespace keeper::rules {

/// The endpoints that somebody configured, without the kernel's own (implicit).
[[nodiscard]] inline std::vector<Endpoint> configured_endpoints(const Facts& facts) {
    std::vector<Endpoint> result;
    for (const Endpoint& endpoint : facts.host.endpoints.or_empty()) {
        if (!endpoint.is_implicit()) {
            result.push_back(endpoint);
        }
    }
    return result;
}

/// An address and the interface that has it; a null pointer where none has.
struct Place {
    const Link* link = nullptr;
    const LinkAddress* address = nullptr;
};

[[nodiscard]] inline Place place_of(const Facts& facts, const IpAddress& address) {
    for (const Link& link : facts.host.links.or_empty()) {
        for (const LinkAddress& one : link.addresses) {
            if (one.address == address) {
                return {&link, &one};
            }
        }
    }
    return {};
}

/// A public address behind NAT may be announced without being local.
[[nodiscard]] inline bool may_be_elsewhere(const Endpoint& endpoint) {
    return endpoint.flags.has(EndpointFlag::signal) && !endpoint.flags.has(EndpointFlag::subflow) &&
           endpoint.ifindex.value == 0 && endpoint.key.port == 0;
}

[[nodiscard]] inline std::string name_of(const Facts& facts, Ifindex ifindex) {
    const Link* link = find_link(facts.host, ifindex);
    return link == nullptr ? "interface " + std::to_string(ifindex.value) : link->name;
}

[[nodiscard]] inline bool uses_userspace_path_manager(const Facts& facts) {
    const auto is = [&](const char* name, const char* value) {
        const std::string* found = find_sysctl_value(facts.host, name);
        return found != nullptr && *found == value;
    };
    return is("path_manager", "userspace") || is("pm_type", "1");
}

/// "signal subflow", as `ip mptcp endpoint` takes them.
[[nodiscard]] inline std::string flag_words(EndpointFlags flags) {
    std::string words;
    for (const std::string& name : names(flags)) {
        words += (words.empty() ? "" : " ") + name;
    }
    return words;
}

} // namespace keeper::rules
