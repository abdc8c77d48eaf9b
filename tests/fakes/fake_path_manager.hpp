// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fakes/failure_injection.hpp"
#include "ports/path_manager_port.hpp"

namespace keeper::fake {

/// A path manager in memory that accepts and refuses what Linux 6.18 does, with its checks in the same order.
/// The contract suite runs on it and on the real one. Tests may set the members.
class FakePathManager : public PathManagerPort, public FailureInjection {
  public:
    bool supported = true;           ///< false: a kernel without MPTCP
    Limits current_limits{2, 0};     ///< those of a new namespace
    std::uint32_t maximum_limit = 8; ///< 64 in newer kernels
    std::size_t capacity = 8;        ///< of the endpoint table, including implicit ones
    std::vector<Endpoint> table;     ///< sorted by id, as the kernel lists them
    std::set<IpAddress> absent;      ///< addresses that the host lacks: no listener for a port there
    EndpointFlags known_flags = EndpointFlags::from_raw(63); ///< older kernels know fewer

    std::optional<Error> limits_failure;    ///< if set, limits() fails with it
    std::optional<Error> endpoints_failure; ///< if set, endpoints() fails with it

    int reads = 0; ///< of limits and endpoints

    bool refused_a_limit = false;
    std::function<void()> on_limits_read; ///< what another program does just before limits() reads

    [[nodiscard]] Result<Limits> limits() override {
        ++reads;
        if (on_limits_read) {
            on_limits_read();
        }
        if (!supported) {
            return unavailable();
        }
        if (limits_failure) {
            return tl::unexpected<Error>(*limits_failure);
        }
        return current_limits;
    }

    [[nodiscard]] Result<void> set_limits(const LimitsPatch& patch) override {
        if (auto allowed = begin("set-limits"); !allowed) {
            return allowed;
        }
        if (patch.subflows.value_or(0) > maximum_limit ||
            patch.add_addr_accepted.value_or(0) > maximum_limit) {
            refused_a_limit = true;
            const std::uint32_t asked =
                std::max(patch.subflows.value_or(0), patch.add_addr_accepted.value_or(0));
            return fail(
                std::to_string(asked) + " exceeds this kernel's maximum of " + std::to_string(maximum_limit));
        }
        current_limits.subflows = patch.subflows.value_or(current_limits.subflows);
        current_limits.add_addr_accepted = patch.add_addr_accepted.value_or(current_limits.add_addr_accepted);
        return {};
    }

    [[nodiscard]] std::optional<std::uint32_t> limit_maximum() const override {
        return refused_a_limit ? std::optional(maximum_limit) : std::nullopt;
    }

    [[nodiscard]] Result<std::vector<Endpoint>> endpoints() override {
        ++reads;
        if (!supported) {
            return unavailable();
        }
        if (endpoints_failure) {
            return tl::unexpected<Error>(*endpoints_failure);
        }
        return table;
    }

    [[nodiscard]] Result<void> add(const Endpoint& endpoint) override {
        if (auto allowed = begin("add " + to_string(endpoint.key)); !allowed) {
            return allowed;
        }
        Endpoint added = endpoint;
        added.flags = added.flags & known_flags;
        if (auto allowed = check_flags(added); !allowed) {
            return allowed;
        }
        if (added.key.port != 0 && absent.count(added.key.address) != 0) {
            return fail("the address is not on this host (create listen socket error: -99)");
        }
        if (added.key.port != 0 && has_key(added.key)) {
            // the listener of the existing endpoint
            return fail("another socket already listens there (create listen socket error: -98)");
        }
        return append(added);
    }

    [[nodiscard]] Result<void> remove(const Endpoint& endpoint) override {
        if (endpoint.id.value == 0) {
            return fail("an endpoint without an id cannot be removed");
        }
        if (auto allowed = begin("remove " + to_string(endpoint.key)); !allowed) {
            return allowed;
        }
        table.erase(
            std::remove_if(
                table.begin(),
                table.end(),
                [&](const Endpoint& present) { return present.id == endpoint.id; }),
            table.end());
        return {};
    }

    [[nodiscard]] Result<void> set_flags(const Endpoint& endpoint) override {
        if (auto allowed = begin("set-flags " + to_string(endpoint.key)); !allowed) {
            return allowed;
        }
        const auto found = std::find_if(
            table.begin(), table.end(), [&](const Endpoint& present) { return present.key == endpoint.key; });
        if (found == table.end()) {
            return fail("address not found");
        }
        const EndpointFlags changeable{EndpointFlag::backup, EndpointFlag::fullmesh};
        if (endpoint.flags.has(EndpointFlag::fullmesh) &&
            (found->flags.has(EndpointFlag::signal) || found->is_implicit())) {
            return fail("invalid addr flags");
        }
        found->flags =
            EndpointFlags::from_raw(found->flags.raw() & ~changeable.raw()) | (endpoint.flags & changeable);
        return {};
    }

  private:
    std::uint8_t next_id_ = 1;

    [[nodiscard]] static tl::unexpected<Error> unavailable() {
        return fail(ErrorKind::unavailable, "this kernel has no MPTCP");
    }

    [[nodiscard]] Result<void> begin(std::string write) {
        if (!supported) {
            return unavailable();
        }
        return record(std::move(write));
    }

    [[nodiscard]] static Result<void> check_flags(const Endpoint& endpoint) {
        const EndpointFlags flags = endpoint.flags;
        if (endpoint.key.port != 0 &&
            (!flags.has(EndpointFlag::signal) || flags.has(EndpointFlag::subflow))) {
            return fail("flags must have signal and not subflow when using port");
        }
        if (flags.has(EndpointFlag::signal) && flags.has(EndpointFlag::fullmesh)) {
            return fail("flags mustn't have both signal and fullmesh");
        }
        if (endpoint.is_implicit()) {
            return fail("can't create IMPLICIT endpoint");
        }
        return {};
    }

    [[nodiscard]] bool has_id(std::uint8_t id) const {
        return std::any_of(
            table.begin(), table.end(), [&](const Endpoint& present) { return present.id.value == id; });
    }

    [[nodiscard]] bool has_key(const SocketAddress& key) const {
        return std::any_of(
            table.begin(), table.end(), [&](const Endpoint& present) { return present.key == key; });
    }

    [[nodiscard]] Result<void> append(Endpoint added) {
        const std::string refusal = "too many addresses or duplicate one: ";
        if (table.size() >= capacity) {
            return fail(ErrorKind::table_full, "the table is full (" + refusal + "-34)");
        }
        if (added.id.value != 0 && has_id(added.id.value)) {
            return fail(ErrorKind::busy, "the id is in use (" + refusal + "-16)");
        }
        const auto same = std::find_if(
            table.begin(), table.end(), [&](const Endpoint& present) { return present.key == added.key; });
        if (same != table.end()) {
            if (!same->is_implicit()) {
                return fail("such an endpoint already exists (" + refusal + "-17)");
            }
            if (added.id.value != 0) {
                return fail(refusal + "-22");
            }
            added.id = same->id;
            *same = added;
            return {};
        }
        if (added.id.value == 0) {
            added.id = free_id();
        }
        next_id_ = std::max(next_id_, added.id.value);
        const auto place = std::find_if(
            table.begin(), table.end(), [&](const Endpoint& present) { return present.id > added.id; });
        table.insert(place, added);
        return {};
    }

    /// The kernel continues from the highest id that it has assigned, and starts again at 1 after 255.
    [[nodiscard]] EndpointId free_id() {
        std::uint8_t id = next_id_ == 255 ? 1 : next_id_;
        while (has_id(id)) {
            id = static_cast<std::uint8_t>(id == 255 ? 1 : id + 1);
        }
        return EndpointId{id};
    }
};

} // namespace keeper::fake
