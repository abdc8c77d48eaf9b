#pragma once

#include <optional>
#include <string_view>

#include "model/endpoint.hpp"
#include "model/limits.hpp"
#include "netlink/codec/request.hpp"

/// The generic netlink family mptcp_pm (<linux/mptcp.h>): requests and replies as bytes.
namespace keeper::netlink {

/// The number that the running kernel gave to a generic netlink family.
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
/// Leaves the id out where it is 0, so that the kernel chooses one; likewise port and interface.
[[nodiscard]] Request add_endpoint_request(FamilyId family, const Endpoint& endpoint);
/// Names the id alone, the only key that the kernel looks at. Id 0 means something else to the kernel (the
/// first address of every connection): the caller must refuse it.
[[nodiscard]] Request remove_endpoint_request(FamilyId family, EndpointId id);
/// Asks for endpoint.flags as far as SET_FLAGS can change them. Names id, address and port: kernels before
/// 5.17 look for the address, and newer ones too wherever it is given.
[[nodiscard]] Request set_flags_request(FamilyId family, const Endpoint& endpoint);

/// Nothing for a message that does not hold a whole pair.
[[nodiscard]] std::optional<Limits> parse_limits(const Message& message);
/// Nothing for a message without a whole address and an id.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(const Message& message);

} // namespace keeper::netlink
