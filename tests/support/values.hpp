// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"

/// Short ways to write the model's values in tests. An invalid text is a bug of the test and throws.
namespace keeper::test {

inline IpAddress address(const std::string& text) {
    return IpAddress::parse(text).value();
}

inline SocketAddress key(const std::string& text) {
    return parse_socket_address(text).value();
}

inline Endpoint endpoint(const std::string& at, EndpointFlags flags, int ifindex = 0, int id = 0) {
    return {key(at), flags, Ifindex{ifindex}, EndpointId{static_cast<std::uint8_t>(id)}};
}

inline Link link(int ifindex, const std::string& name, const std::vector<std::string>& addresses) {
    Link result;
    result.ifindex = Ifindex{ifindex};
    result.name = name;
    result.up = true;
    result.carrier = true;
    for (const std::string& text : addresses) {
        LinkAddress one;
        one.address = address(text);
        one.no_prefix_route = true; // as on each address that NetworkManager configures
        result.addresses.push_back(one);
    }
    result.default_route_v4 = true;
    result.default_route_v6 = true;
    return result;
}

/// The initial subflow of a connection.
inline ConnectionSubflow established_subflow(const std::string& local, const std::string& remote) {
    return {key(local), key(remote), {}, SocketState::established, true};
}

/// A static profile that is active on the link; uuid "uuid-NAME".
inline Profile active_profile(const std::string& name, const Link& link, MptcpFlags flags) {
    Profile profile;
    profile.uuid = "uuid-" + name;
    profile.name = name;
    profile.type = "802-3-ethernet";
    profile.interface_name = link.name;
    profile.storage = ProfileStorage::etc;
    profile.filename = "/etc/NetworkManager/system-connections/" + name + ".nmconnection";
    profile.stored = flags;
    profile.activations = {{link.name, link.ifindex, flags, false}};
    return profile;
}

inline ProfileRule rule(const std::string& name, MptcpFlags flags) {
    ProfileRule result;
    result.match.names = {name};
    result.flags = flags;
    result.source = {"test.yaml", 1, 1};
    return result;
}

inline DesiredEndpoint desired_endpoint(EndpointFlags flags) {
    DesiredEndpoint result;
    result.flags = flags;
    result.source = {"test.yaml", 2, 1};
    return result;
}

inline DesiredEndpoint absent_endpoint() {
    DesiredEndpoint result;
    result.absent = true;
    result.source = {"test.yaml", 3, 1};
    return result;
}

} // namespace keeper::test
