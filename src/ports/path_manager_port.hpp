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
/// Every write is one kernel request. The kernel drops unknown flags without a word and announces nothing,
/// so a caller reads back. ErrorKind::unavailable: this kernel has no MPTCP; not_permitted: no CAP_NET_ADMIN.
class PathManagerPort {
  public:
    virtual ~PathManagerPort() = default;

    [[nodiscard]] virtual Result<Limits> limits() = 0;
    /// Sets the pair in one request; what the patch leaves out is kept. A refused value changes neither.
    [[nodiscard]] virtual Result<void> set_limits(const LimitsPatch& patch) = 0;
    /// The largest value of a limit that the kernel accepts, as far as a refusal by set_limits() showed it.
    [[nodiscard]] virtual std::optional<std::uint32_t> limit_maximum() const = 0;

    /// All endpoints in the kernel's order, implicit ones too; consistent even while others change them.
    [[nodiscard]] virtual Result<std::vector<Endpoint>> endpoints() = 0;
    /// Id 0 lets the kernel choose. ErrorKind::table_full: no room; busy: the id is in use.
    [[nodiscard]] virtual Result<void> add(const Endpoint& endpoint) = 0;
    /// Deletes by id, the only key that the kernel knows. Id 0 is refused here, since the kernel would say
    /// "done" and delete nothing. Already gone is success.
    [[nodiscard]] virtual Result<void> remove(const Endpoint& endpoint) = 0;
    /// Replaces backup and fullmesh, the only two that the kernel can change in place, by those of
    /// endpoint.flags. The endpoint is found by its id.
    [[nodiscard]] virtual Result<void> set_flags(const Endpoint& endpoint) = 0;
};

} // namespace keeper
