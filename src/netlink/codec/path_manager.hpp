// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/endpoint.hpp"
#include "model/limits.hpp"
#include "netlink/codec/request.hpp"

/// The generic netlink family mptcp_pm (<linux/mptcp.h>): requests and replies as bytes.
namespace keeper::netlink {

/// The number that the running kernel assigned to a generic netlink family.
struct FamilyId {
    std::uint16_t value = 0;
    friend bool operator==(const FamilyId&, const FamilyId&) = default;
};

/// Asks the generic netlink controller for a family's number.
[[nodiscard]] Request family_request(std::string_view name);
[[nodiscard]] std::optional<FamilyId> parse_family(const Message& message);

[[nodiscard]] Request limits_request(FamilyId family);
[[nodiscard]] Request set_limits_request(FamilyId family, const LimitsPatch& patch);
[[nodiscard]] Request endpoints_request(FamilyId family);
/// Omits an id of 0, so that the kernel chooses one; likewise port and interface.
[[nodiscard]] Request add_endpoint_request(FamilyId family, const Endpoint& endpoint);
/// Contains only the id, which is the kernel's key. To the kernel, id 0 means something else (the first
/// address of every connection): the caller must refuse it.
[[nodiscard]] Request remove_endpoint_request(FamilyId family, EndpointId id);
/// Requests endpoint.flags as far as SET_FLAGS can change them. Contains id, address and port: kernels before
/// 5.17 look up the address, and newer ones do so too if it is given.
[[nodiscard]] Request set_flags_request(FamilyId family, const Endpoint& endpoint);

/// std::nullopt if the message does not contain both limits.
[[nodiscard]] std::optional<Limits> parse_limits(const Message& message);
/// std::nullopt if the message lacks a complete address or an id.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(const Message& message);

} // namespace keeper::netlink
