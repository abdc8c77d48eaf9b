// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/codec/path_manager.hpp"
#include "netlink/netlink_socket.hpp"
#include "ports/path_manager_port.hpp"

namespace keeper {

/// The running kernel's path manager, in the network namespace of the first call, which opens the socket and
/// looks up the family's number; both are kept. Not thread-safe.
class NetlinkPathManager : public PathManagerPort {
  public:
    NetlinkPathManager();

    [[nodiscard]] Result<Limits> limits() override;
    [[nodiscard]] Result<void> set_limits(const LimitsPatch& patch) override;
    [[nodiscard]] std::optional<std::uint32_t> limit_maximum() const override { return limit_maximum_; }
    [[nodiscard]] Result<std::vector<Endpoint>> endpoints() override;
    [[nodiscard]] Result<void> add(const Endpoint& endpoint) override;
    [[nodiscard]] Result<void> remove(const Endpoint& endpoint) override;
    [[nodiscard]] Result<void> set_flags(const Endpoint& endpoint) override;

  private:
    [[nodiscard]] Result<netlink::FamilyId> family();

    netlink::NetlinkSocket socket_;
    std::optional<netlink::FamilyId> family_;
    std::optional<std::uint32_t> limit_maximum_;
};

/// The largest limit that the kernel accepts, from its refusal of `patch`; std::nullopt if that has another
/// reason. Kernels that do not name their maximum have 8.
[[nodiscard]] std::optional<std::uint32_t>
limit_maximum_from(const netlink::Refusal& refusal, const LimitsPatch& patch);

/// Why the kernel refused to add an endpoint. `present` is its table: kernels before 6.3 use one errno
/// (EINVAL) for a full table, an id in use and a duplicate address, and only the table shows which one it
/// was.
[[nodiscard]] Error explain_refused_addition(
    const Endpoint& endpoint, const netlink::Refusal& refusal, const std::vector<Endpoint>& present);

} // namespace keeper
