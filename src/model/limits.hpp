#pragma once

#include <cstdint>
#include <optional>

namespace keeper {

/// The in-kernel path manager's limits; both count per MPTCP connection. The kernel's maximum is 8 or, from
/// Linux 7.2 and vendors' backports on, 64.
struct Limits {
    std::uint32_t subflows = 0;
    std::uint32_t add_addr_accepted = 0;
    friend bool operator==(const Limits&, const Limits&) = default;
};

/// A change of limits: what is not set is kept.
struct LimitsPatch {
    std::optional<std::uint32_t> subflows;
    std::optional<std::uint32_t> add_addr_accepted;
    friend bool operator==(const LimitsPatch&, const LimitsPatch&) = default;
};

} // namespace keeper
