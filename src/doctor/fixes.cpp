#include "doctor/fixes.hpp"

#include "doctor/declaration.hpp"

namespace keeper::rules {

std::string readd_command(const Facts& facts, const Endpoint& endpoint) {
    const Place place = place_of(facts, endpoint.key.address);
    const std::string deletion = "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value);
    if (is_declared(facts, endpoint)) {
        return deletion + " && mptcp-keeper apply --only endpoints";
    }
    // NetworkManager deletes what others bind to its devices.
    const bool stays_unbound = endpoint.ifindex.value == 0 && place.link != nullptr &&
                               managed_link(facts, place.link->ifindex).profile != nullptr;
    const std::string device = place.link != nullptr && !stays_unbound ? " dev " + place.link->name : "";
    return deletion + " && ip mptcp endpoint add " + to_string(endpoint.key.address) + device + " " +
           flag_words(endpoint.flags) +
           (endpoint.key.port != 0 ? " port " + std::to_string(endpoint.key.port) : "");
}

std::string add_route(const Facts& facts, const IpAddress& address, const std::string& destination) {
    const Link& link = *place_of(facts, address).link;
    const bool is_v4 = address.family() == Family::ipv4;
    const ManagedLink managed = managed_link(facts, link.ifindex);
    if (managed.profile != nullptr) {
        const std::string any = destination == "default" ? (is_v4 ? "0.0.0.0/0" : "::/0") : destination;
        return "nmcli connection modify uuid " + managed.profile->uuid + " +ipv" + (is_v4 ? "4" : "6") +
               ".routes '" + any + " GATEWAY 200' && nmcli connection up uuid " + managed.profile->uuid;
    }
    return std::string(is_v4 ? "ip" : "ip -6") + " route add " + destination + " via GATEWAY dev " +
           link.name + " metric 200   # until the next boot; or in a table of its own: ip rule add from " +
           to_string(address) + " lookup 100";
}

std::string bring_up(const Facts& facts, const Link& link) {
    const bool is_managed = managed_link(facts, link.ifindex).profile != nullptr;
    return is_managed ? "nmcli device connect " + link.name : "ip link set dev " + link.name + " up";
}

bool is_used(const Facts& facts, const Endpoint& endpoint) {
    const std::vector<Connection>& connections = facts.host.connections.or_empty();
    return std::any_of(connections.begin(), connections.end(), [&](const Connection& connection) {
        return std::any_of(
            connection.subflows.begin(), connection.subflows.end(), [&](const ConnectionSubflow& subflow) {
                return subflow.fully_established && subflow.local.address == endpoint.key.address;
            });
    });
}

std::vector<Endpoint> idle_endpoints(const Facts& facts) {
    std::vector<Endpoint> idle;
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        const Place place = place_of(facts, endpoint.key.address);
        if (!is_used(facts, endpoint) && endpoint.flags.has(EndpointFlag::subflow) &&
            place.address != nullptr && place.address->is_usable()) {
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

std::string fallen_peer(const Facts& facts) {
    for (const Connection& connection : facts.host.connections.or_empty()) {
        if (connection.fallback && !connection.subflows.empty()) {
            const EndpointKey& remote = connection.subflows.front().remote;
            return to_string(remote);
        }
    }
    return "HOST:PORT";
}

} // namespace keeper::rules
