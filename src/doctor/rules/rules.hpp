// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include "model/facts.hpp"
#include "model/finding.hpp"

/// Doctor's rules by topic, in the order in which they are applied. Each is in the file of its name. A rule
/// evaluates the facts and nothing else, and draws no conclusion from a missing fact.
// clang-format off
#define KEEPER_RULES(RULE)  \
    RULE(kernel)            \
    RULE(limits)            \
    RULE(endpoints)         \
    RULE(endpoint_table)    \
    RULE(roles)             \
    RULE(initial_address)   \
    RULE(announcements)     \
    RULE(tunnels)           \
    RULE(backup)            \
    RULE(routes)            \
    RULE(network_manager)   \
    RULE(profile_endpoints) \
    RULE(path_managers)     \
    RULE(firewall)          \
    RULE(counters)          \
    RULE(programs)          \
    RULE(apparmor)          \
    RULE(socket_units)      \
    RULE(leftovers)         \
    RULE(probe)
// clang-format on

namespace keeper::rules {

using Findings = std::vector<Finding>;

#define KEEPER_DECLARE(NAME) [[nodiscard]] Findings NAME(const Facts& facts);
KEEPER_RULES(KEEPER_DECLARE)
#undef KEEPER_DECLARE

inline constexpr std::array all_rules{
#define KEEPER_FUNCTION(NAME) &NAME,
    KEEPER_RULES(KEEPER_FUNCTION)
#undef KEEPER_FUNCTION
};

} // namespace keeper::rules
