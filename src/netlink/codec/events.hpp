// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "model/mptcp_event.hpp"
#include "netlink/codec/message.hpp"

/// The group mptcp_pm_events of the generic netlink family mptcp_pm, as bytes.
namespace keeper::netlink {

/// The number of the group mptcp_pm_events, from the controller's answer to family_request(). std::nullopt if
/// the kernel has no such group (before Linux 5.12).
[[nodiscard]] std::optional<std::uint32_t> parse_event_group(const Message& message);

/// An event, even of an unknown kind. std::nullopt if the message is too short.
[[nodiscard]] std::optional<MptcpEvent> parse_event(const Message& message);

} // namespace keeper::netlink
