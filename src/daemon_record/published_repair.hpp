// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/text/wall_time.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// A repair by the daemon, as published to the other commands.
struct PublishedRepair {
    std::uint64_t number = 0; ///< counted from 1 since the daemon started; 0 if an older daemon wrote none
    std::optional<WallTime> time;
    Resource resource = Resource::sysctl;
    std::string key;
    std::string name; ///< connection.id, profiles only
    Value before;
    Value after;
    std::string source; ///< "FILE:LINE"
    friend bool operator==(const PublishedRepair&, const PublishedRepair&) = default;
};

} // namespace keeper
