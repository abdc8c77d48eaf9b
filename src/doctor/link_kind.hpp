#pragma once

#include <optional>
#include <string>

#include "model/facts.hpp"

namespace keeper::rules {

/// What an interface is to a path.
enum class LinkKind {
    ordinary, ///< Ethernet, Wi-Fi, modem, PPP, VLAN, bond, team, macvlan and the like: a path of its own
    tunnel,   ///< carries its packets inside other packets of this host: WireGuard, OpenVPN, GRE, IPsec, …
    bridge,   ///< joins ports, usually those of containers and virtual machines
    veth, ///< one end of a cable between network namespaces: a container's uplink, or its host's end of it
    internal, ///< leads to no other host: dummy, VRF, a virtual machine's port, …
};

/// By the driver's name of the interface, and for what lies on another interface (VLAN, macvlan) by that one.
[[nodiscard]] LinkKind kind_of(const Facts& facts, const Link& link);

/// "wg0 is a tunnel (wireguard)"; nothing for an ordinary interface.
[[nodiscard]] std::optional<std::string> describe_kind(const Facts& facts, const Link& link);

/// The name is one that container and virtual machine programs give to this host's end of their networks.
[[nodiscard]] bool has_container_name(const Link& link);

} // namespace keeper::rules
