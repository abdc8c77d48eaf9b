// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include <systemd/sd-bus.h>

#include "model/mptcp_flags.hpp"

namespace keeper {

/// What the keeper reads of a connection's settings (the D-Bus type a{sa{sv}}).
struct ConnectionSettings {
    std::string uuid;
    std::string id;
    std::string type;
    std::string interface_name;
    MptcpFlags mptcp_flags; ///< connection.mptcp-flags; 0 if missing
    /// The methods of ipv4 and ipv6; std::nullopt for a connection without the setting, such as a bond's
    /// port.
    std::optional<std::string> ipv4_method;
    std::optional<std::string> ipv6_method;
    friend bool operator==(const ConnectionSettings&, const ConnectionSettings&) = default;
};

/// Reads settings from the message's position. std::nullopt if something else is there.
[[nodiscard]] std::optional<ConnectionSettings> read_settings(sd_bus_message* message);

/// Copies settings from one message's position to the other's end, with connection.mptcp-flags set and
/// everything else unchanged, also what this program does not know. False if something else is there.
[[nodiscard]] bool copy_settings(sd_bus_message* to, sd_bus_message* from, MptcpFlags flags);

} // namespace keeper
