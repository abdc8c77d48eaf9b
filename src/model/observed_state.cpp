// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/observed_state.hpp"

#include <algorithm>

namespace keeper {

namespace {

template <class Items, class Predicate>
auto find_or_null(const Items& items, Predicate predicate) -> decltype(&*items.begin()) {
    const auto found = std::find_if(items.begin(), items.end(), predicate);
    return found == items.end() ? nullptr : &*found;
}

} // namespace

const std::string* find_sysctl_value(const ObservedState& state, const std::string& name) {
    const auto& sysctls = state.sysctls.or_empty();
    const auto found = sysctls.find(name);
    return found == sysctls.end() ? nullptr : &found->second;
}

std::optional<bool> enabled_now(const ObservedState& state) {
    const std::string* value = find_sysctl_value(state, "enabled");
    return value == nullptr ? std::nullopt : std::optional(*value != "0");
}

const Link* find_link(const ObservedState& state, const std::string& name) {
    const std::vector<Link>& links = state.links.or_empty();
    const Link* link = find_or_null(links, [&](const Link& candidate) { return candidate.name == name; });
    return link != nullptr ? link : find_or_null(links, [&](const Link& candidate) {
        const auto& names = candidate.alternative_names;
        return std::find(names.begin(), names.end(), name) != names.end();
    });
}

const Link* find_link(const ObservedState& state, Ifindex ifindex) {
    // They are sorted, and a host of containers has thousands.
    const std::vector<Link>& links = state.links.or_empty();
    const auto found =
        std::lower_bound(links.begin(), links.end(), ifindex, [](const Link& link, Ifindex other) {
            return link.ifindex < other;
        });
    return found == links.end() || found->ifindex != ifindex ? nullptr : &*found;
}

const LinkAddress* find_address(const Link& link, const IpAddress& address) {
    return find_or_null(
        link.addresses, [&](const LinkAddress& candidate) { return candidate.address == address; });
}

const Endpoint* find_endpoint(const ObservedState& state, const SocketAddress& key) {
    return find_or_null(
        state.endpoints.or_empty(), [&](const Endpoint& endpoint) { return endpoint.key == key; });
}

} // namespace keeper
