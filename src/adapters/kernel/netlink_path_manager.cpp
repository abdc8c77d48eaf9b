// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/kernel/netlink_path_manager.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <linux/mptcp.h>
#include <linux/netlink.h>

#include "base/text/join.hpp"
#include "model/kernel_bounds.hpp"

namespace keeper {

namespace {

tl::unexpected<Error> refused(const std::string& what, const netlink::Refusal& refusal) {
    return fail(what, netlink::to_error(refusal));
}

/// The errno that kernels since 6.3 return; for an older one, which only returns EINVAL, derived from the
/// table.
int cause_of_refusal(
    const Endpoint& endpoint, const netlink::Refusal& refusal, const std::vector<Endpoint>& present) {
    if (refusal.error != EINVAL || !refusal.message.starts_with("too many addresses")) {
        return refusal.error;
    }
    const auto any = [&](auto predicate) { return std::any_of(present.begin(), present.end(), predicate); };
    // Such a kernel checks for space first, and its table holds 8.
    if (present.size() >= least_endpoint_capacity) {
        return ERANGE;
    }
    if (endpoint.id.value != 0 && any([&](const Endpoint& other) { return other.id == endpoint.id; })) {
        return EBUSY;
    }
    // It distinguishes equal addresses by their ports only if both endpoints have no flag but signal.
    if (any([&](const Endpoint& other) {
            return other.key.address == endpoint.key.address && !other.is_implicit();
        })) {
        return EEXIST;
    }
    return EINVAL;
}

/// "16 exceeds this kernel's maximum of 8".
std::string beyond_maximum(const LimitsPatch& patch, std::uint32_t maximum) {
    std::vector<std::string> values;
    for (const auto& value : {patch.subflows, patch.add_addr_accepted}) {
        if (value && *value > maximum) {
            values.push_back(std::to_string(*value));
        }
    }
    return joined(values, " and ") + (values.size() > 1 ? " exceed" : " exceeds") +
           " this kernel's maximum of " + std::to_string(maximum);
}

} // namespace

std::optional<std::uint32_t> limit_maximum_from(const netlink::Refusal& refusal, const LimitsPatch& patch) {
    constexpr std::string_view start = "limit greater than maximum";
    if (!refusal.message.starts_with(start)) {
        return std::nullopt;
    }
    const std::uint32_t asked = std::max(patch.subflows.value_or(0), patch.add_addr_accepted.value_or(0));
    const std::string_view number = std::string_view(refusal.message).substr(start.size());
    std::uint32_t maximum = least_limit_maximum;
    if (number.starts_with(" (")) {
        std::from_chars(number.data() + 2, number.data() + number.size(), maximum);
    }
    return asked > maximum ? std::optional(maximum) : std::nullopt;
}

Error explain_refused_addition(
    const Endpoint& endpoint, const netlink::Refusal& refusal, const std::vector<Endpoint>& present) {
    const std::string what = "cannot add endpoint " + to_string(endpoint.key) + ": ";
    const std::string message = netlink::to_string(refusal);
    switch (cause_of_refusal(endpoint, refusal, present)) {
    case ERANGE:
        return {
            ErrorKind::table_full,
            what + "the kernel's endpoint table is full with " + std::to_string(present.size()) +
                " endpoints; remove one that is not needed (" + message + ")"};
    case EBUSY:
        return {
            ErrorKind::busy,
            what + "id " + std::to_string(endpoint.id.value) + " is in use by another endpoint (" + message +
                ")"};
    case EEXIST:
        return {ErrorKind::failed, what + "an endpoint with this address already exists (" + message + ")"};
    case EADDRNOTAVAIL:
        return {
            ErrorKind::failed,
            what + "it has a port, but its address is not on this host or not usable yet (" + message + ")"};
    case EADDRINUSE:
        return {
            ErrorKind::failed,
            what + "another socket already listens on this address and port (" + message + ")"};
    default:
        return fail(what.substr(0, what.size() - 2), netlink::to_error(refusal)).value();
    }
}

NetlinkPathManager::NetlinkPathManager() : socket_(NETLINK_GENERIC) {}

Result<netlink::FamilyId> NetlinkPathManager::family() {
    if (family_) {
        return *family_;
    }
    const auto answer = socket_.query(netlink::family_request(MPTCP_PM_NAME), netlink::parse_family);
    if (!answer) {
        if (answer.error().error == ENOENT) {
            return fail(
                ErrorKind::unavailable,
                "this kernel has no MPTCP path manager, which requires Linux 5.6 or later with CONFIG_MPTCP");
        }
        return refused("cannot look up the kernel's MPTCP path manager", answer.error());
    }
    family_ = *answer;
    return *family_;
}

Result<Limits> NetlinkPathManager::limits() {
    const auto id = family();
    if (!id) {
        return propagate(id);
    }
    const auto answer = socket_.query(netlink::limits_request(*id), netlink::parse_limits);
    if (!answer) {
        return refused("cannot read the MPTCP limits", answer.error());
    }
    return *answer;
}

Result<void> NetlinkPathManager::set_limits(const LimitsPatch& patch) {
    const auto id = family();
    if (!id) {
        return propagate(id);
    }
    const auto answer = socket_.execute(netlink::set_limits_request(*id, patch));
    if (answer) {
        return {};
    }
    if (const auto maximum = limit_maximum_from(answer.error(), patch)) {
        limit_maximum_ = maximum;
        return fail(beyond_maximum(patch, *maximum));
    }
    return refused("cannot set the MPTCP limits", answer.error());
}

Result<std::vector<Endpoint>> NetlinkPathManager::endpoints() {
    const auto id = family();
    if (!id) {
        return propagate(id);
    }
    auto answer = socket_.dump(netlink::endpoints_request(*id), netlink::parse_endpoint);
    if (!answer) {
        return refused("cannot read the MPTCP endpoints", answer.error());
    }
    return std::move(*answer);
}

Result<void> NetlinkPathManager::add(const Endpoint& endpoint) {
    const auto id = family();
    if (!id) {
        return propagate(id);
    }
    const auto answer = socket_.execute(netlink::add_endpoint_request(*id, endpoint));
    if (!answer) {
        const auto present = endpoints();
        return tl::unexpected<Error>(
            explain_refused_addition(endpoint, answer.error(), present ? *present : std::vector<Endpoint>{}));
    }
    return {};
}

Result<void> NetlinkPathManager::remove(const Endpoint& endpoint) {
    const std::string what = "cannot remove endpoint " + to_string(endpoint.key);
    if (endpoint.id.value == 0) {
        return fail(what + ": its id is unknown");
    }
    const auto id = family();
    if (!id) {
        return propagate(id);
    }
    const auto answer = socket_.execute(netlink::remove_endpoint_request(*id, endpoint.id));
    if (answer) {
        return {};
    }
    if (answer.error().error == EINVAL || answer.error().error == ENOENT) {
        // The kernel uses the same errno for "no such id" and for a malformed request.
        const auto present = endpoints();
        const auto has_id = [&](const Endpoint& other) { return other.id == endpoint.id; };
        if (present && std::none_of(present->begin(), present->end(), has_id)) {
            return {};
        }
    }
    return refused(what, answer.error());
}

Result<void> NetlinkPathManager::set_flags(const Endpoint& endpoint) {
    const auto id = family();
    if (!id) {
        return propagate(id);
    }
    const auto answer = socket_.execute(netlink::set_flags_request(*id, endpoint));
    if (!answer) {
        return refused("cannot change the flags of endpoint " + to_string(endpoint.key), answer.error());
    }
    return {};
}

} // namespace keeper
