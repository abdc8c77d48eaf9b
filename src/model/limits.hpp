// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace keeper {

/// The limits of the in-kernel path manager, both per MPTCP connection. The kernel's maximum is 8 or, since
/// Linux 7.2 and in vendors' backports, 64.
struct Limits {
    std::uint32_t subflows = 0;
    std::uint32_t add_addr_accepted = 0;
    friend bool operator==(const Limits&, const Limits&) = default;
};

/// A change of limits; a member that is not set keeps its value.
struct LimitsPatch {
    std::optional<std::uint32_t> subflows;
    std::optional<std::uint32_t> add_addr_accepted;
    friend bool operator==(const LimitsPatch&, const LimitsPatch&) = default;
};

} // namespace keeper
