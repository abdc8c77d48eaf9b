// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/unit_states.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

UnitStatus status_of_go_program(const ObservedProcess& process) {
    ObservedUnits host;
    host.known = {"hook.service"};
    return unit_states({{"hook.service", {"a.yaml", 3, 5}}}, host, {.processes = {process}}).at(0);
}

TEST(UnitStates, AGoProgramWhoseUnitRefusesMptcpIsNotRestartedForever) {
    ObservedProcess process;
    process.name = "webhook";
    process.unit = "hook.service";
    process.sockets_known = process.is_go = process.refuses_go = true;
    process.go_version = "1.24.4";
    process.tcp_sockets = 1;
    EXPECT_EQ(status_of_go_program(process).state, UnitState::needs_restart) << "it was under `never`";
    process.asks_for_preload = true;
    const UnitStatus status = status_of_go_program(process);
    EXPECT_EQ(status.state, UnitState::ineffective);
    EXPECT_NE(
        status.reason.find("its GODEBUG has multipathtcp=0; remove it from the unit"), std::string::npos);
    process.mptcp_sockets = 1;
    EXPECT_EQ(status_of_go_program(process).state, UnitState::in_effect);
}

} // namespace
} // namespace keeper
