// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "model/endpoint.hpp"
#include "model/limits.hpp"

namespace keeper {

/// The in-kernel path manager of one network namespace (generic netlink family mptcp_pm).
///
/// Every write is one kernel request. The kernel silently drops unknown flags and sends no notifications, so
/// callers must read back. ErrorKind::unavailable: this kernel has no MPTCP; not_permitted: no CAP_NET_ADMIN.
class PathManagerPort {
  public:
    virtual ~PathManagerPort() = default;

    [[nodiscard]] virtual Result<Limits> limits() = 0;
    /// Sets both limits in one request; members that the patch leaves out keep their value. If a value is
    /// refused, neither changes.
    [[nodiscard]] virtual Result<void> set_limits(const LimitsPatch& patch) = 0;
    /// The largest limit that the kernel accepts, if a refusal in set_limits() revealed it.
    [[nodiscard]] virtual std::optional<std::uint32_t> limit_maximum() const = 0;

    /// All endpoints in the kernel's order, including implicit ones; consistent even during concurrent
    /// changes.
    [[nodiscard]] virtual Result<std::vector<Endpoint>> endpoints() = 0;
    /// Id 0 lets the kernel choose. ErrorKind::table_full: no room; busy: the id is in use.
    [[nodiscard]] virtual Result<void> add(const Endpoint& endpoint) = 0;
    /// Deletes by id, the only key that the kernel accepts. Refuses id 0, for which the kernel would report
    /// success and delete nothing. Succeeds if the endpoint no longer exists.
    [[nodiscard]] virtual Result<void> remove(const Endpoint& endpoint) = 0;
    /// Sets backup and fullmesh as in endpoint.flags; the kernel can change no other flags in place. The
    /// endpoint is identified by its id.
    [[nodiscard]] virtual Result<void> set_flags(const Endpoint& endpoint) = 0;
};

} // namespace keeper
