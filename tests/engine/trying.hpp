// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "engine/hand_over_world.hpp"

namespace keeper::test {

/// A daemon enforces version 1; a command tries version 5 for two minutes.
struct Trying : HandOverWorld {
    Trying() {
        start_daemon();
        run_for(3s);
        EXPECT_TRUE(shows(1));
        before = snapshot();
        record_before = state.saved;
    }
    /// Everything is as before the try, and stays so.
    void expect_restored() {
        EXPECT_EQ(snapshot(), before);
        EXPECT_EQ(state.saved.sysctls, record_before.sysctls);
        EXPECT_EQ(state.saved.endpoints, record_before.endpoints);
        EXPECT_EQ(state.saved.profiles, record_before.profiles);
        EXPECT_EQ(tries.stored, "");
        run_for(11min);
        EXPECT_EQ(snapshot(), before);
        EXPECT_EQ(record.repairs, 0U) << "neither the try nor the revert is drift";
    }
    Snapshot before;
    Ownership record_before;
};

} // namespace keeper::test
