// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/text/wall_time.hpp"

namespace keeper {

/// The end of a round of the daemon that applied or verified, and whether all of it could be applied.
struct RoundResult {
    WallTime time;
    bool success = false;
    friend bool operator==(const RoundResult&, const RoundResult&) = default;
};

} // namespace keeper
