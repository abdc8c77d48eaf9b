#include "diagnose/fixes.hpp"

namespace keeper::rules {

std::string fallen_peer(const Facts& facts) {
    for (const LiveConnection& connection : facts.host.connections) {
        if (connection.fallback && !connection.subflows.empty()) {
            const EndpointKey& remote = connection.subflows.front().remote;
            return to_string(remote);
        }
    }
    return "HOST:PORT";
}

std::vector<Place> spare_addresses(const Facts& facts, std::optional<Family> family) {
    const std::vector<Endpoint> taken = configured_endpoints(facts);
    std::vector<Place> spare;
    for (const Link& link : facts.host.links) {
        for (const LinkAddress& one : link.addresses) {
            const bool is_taken = std::any_of(taken.begin(), taken.end(), [&](const Endpoint& endpoint) {
                return endpoint.key.address == one.address;
            });
            if (link.up && link.carrier && one.scope == 0 && one.is_usable() && !one.temporary && !is_taken &&
                (!family || one.address.family() == *family)) {
                spare.push_back({&link, &one});
            }
        }
    }
    return spare;
}

std::string declare_endpoints(const std::vector<Place>& places, const std::string& flags) {
    std::string text = "endpoints:";
    for (const Place& place : places) {
        text += "\n  - {address: \"" + to_string(place.address->address) +
                "\", interface: " + place.link->name + ", flags: [" + flags + "]}";
    }
    return places.empty() ? text + "\n  - {address: ADDRESS, interface: INTERFACE, flags: [" + flags + "]}"
                          : text;
}

} // namespace keeper::rules
