// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "model/facts.hpp"

namespace keeper::rules {

/// How an interface can serve as a path.
enum class LinkKind {
    ordinary, ///< Ethernet, Wi-Fi, modem, PPP, VLAN, bond, team, macvlan, …: a path of its own
    tunnel,   ///< sends its packets inside other packets of this host: WireGuard, OpenVPN, GRE, IPsec, …
    bridge,   ///< connects ports, usually those of containers and virtual machines
    veth,     ///< one end of a pair between network namespaces: a container's uplink, or the host's end
    internal, ///< does not lead to other hosts: dummy, VRF, a virtual machine's port, …
};

/// Decided by the interface's driver; for a VLAN or macvlan by that of the interface below.
[[nodiscard]] LinkKind kind_of(const Facts& facts, const Link& link);

/// "wg0 is a tunnel (wireguard)"; std::nullopt for an ordinary interface.
[[nodiscard]] std::optional<std::string> describe_kind(const Facts& facts, const Link& link);

/// Whether the name is typical of this host's end of a container or virtual machine network.
[[nodiscard]] bool has_container_name(const Link& link);

} // namespace keeper::rules
