// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "adapters/network_manager/glib_ptr.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

/// Reads and edits a connection in its D-Bus form, a{sa{sv}}: settings by name, each with its properties.
/// Editing this instead of an NMConnection keeps what libnm does not know: a libnm older than the daemon
/// would drop it, and the daemon would then regard it as removed.

/// The string property; empty if it is missing.
[[nodiscard]] std::string settings_string(GVariant* settings, const char* setting, const char* property);
/// connection.mptcp-flags; 0 if missing.
[[nodiscard]] MptcpFlags settings_mptcp_flags(GVariant* settings);
/// A copy with connection.mptcp-flags set and everything else unchanged.
[[nodiscard]] VariantPtr with_mptcp_flags(GVariant* settings, MptcpFlags flags);
/// The method of "ipv4" or "ipv6"; std::nullopt for a connection without that setting, such as a bond's port.
[[nodiscard]] std::optional<std::string> ip_method(GVariant* settings, const char* setting);

} // namespace keeper
