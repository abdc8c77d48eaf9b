// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/fixes.hpp"

#include "base/text/shell_word.hpp"
#include "doctor/declaration.hpp"

namespace keeper::rules {

std::string readd_command(const Facts& facts, const Endpoint& endpoint) {
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    const std::string deletion = "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value);
    if (is_declared(facts, endpoint)) {
        return deletion + " && mptcp-keeper apply --only endpoints";
    }
    // NetworkManager deletes endpoints that other programs bind to its devices.
    const bool stays_unbound = endpoint.ifindex.value == 0 && local.link != nullptr &&
                               managed_link(facts, local.link->ifindex).profile != nullptr;
    const std::string device =
        local.link != nullptr && !stays_unbound ? " dev " + shell_word(local.link->name) : "";
    return deletion + " && ip mptcp endpoint add " + to_string(endpoint.key.address) + device + " " +
           flag_text(endpoint.flags) +
           (endpoint.key.port != 0 ? " port " + std::to_string(endpoint.key.port) : "");
}

std::string add_route(const Facts& facts, const IpAddress& address, const std::string& destination) {
    const Link& link = *find_address(facts, address).link;
    const bool is_v4 = address.family() == Family::ipv4;
    const ManagedLink managed = managed_link(facts, link.ifindex);
    if (managed.profile != nullptr) {
        const std::string any = destination == "default" ? (is_v4 ? "0.0.0.0/0" : "::/0") : destination;
        return "nmcli connection modify uuid " + managed.profile->uuid + " +ipv" + (is_v4 ? "4" : "6") +
               ".routes '" + any + " GATEWAY 200' && nmcli connection up uuid " + managed.profile->uuid;
    }
    return std::string(is_v4 ? "ip" : "ip -6") + " route add " + destination + " via GATEWAY dev " +
           shell_word(link.name) +
           " metric 200   # until the next boot; or in its own table: ip rule add from " +
           to_string(address) + " lookup 100";
}

std::string bring_up(const Facts& facts, const Link& link) {
    const bool is_managed = managed_link(facts, link.ifindex).profile != nullptr;
    const std::string name = shell_word(link.name);
    return is_managed ? "nmcli device connect " + name : "ip link set dev " + name + " up";
}

bool is_used(const Facts& facts, const Endpoint& endpoint) {
    return has_established_subflow_from(facts.host.connections.or_empty(), endpoint.key.address);
}

std::vector<Endpoint> idle_endpoints(const Facts& facts) {
    std::vector<Endpoint> idle;
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        const AddressOnLink local = find_address(facts, endpoint.key.address);
        if (!is_used(facts, endpoint) && endpoint.flags.has(EndpointFlag::subflow) &&
            local.address != nullptr && local.address->is_usable()) {
            idle.push_back(endpoint);
        }
    }
    return idle;
}

std::optional<IpAddress> live_peer(const Facts& facts) {
    for (const Connection& connection : facts.host.connections.or_empty()) {
        if (!connection.fallback && !connection.subflows.empty()) {
            return connection.subflows.front().remote.address;
        }
    }
    return std::nullopt;
}

std::string fallback_peer(const Facts& facts) {
    for (const Connection& connection : facts.host.connections.or_empty()) {
        if (connection.fallback && !connection.subflows.empty()) {
            const SocketAddress& remote = connection.subflows.front().remote;
            return to_string(remote);
        }
    }
    return "HOST:PORT";
}

} // namespace keeper::rules
