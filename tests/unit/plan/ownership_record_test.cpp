// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/ownership_record.hpp"

#include <gtest/gtest.h>

#include "support/values.hpp"

namespace keeper {
namespace {

/// A declared endpoint that cannot be added, and a stand-in for the same address that was.
TEST(OwnershipRecord, AnItemThatWasNotTriedKeepsWhatAnotherRecorded) {
    const SocketAddress key = *parse_socket_address("192.0.2.1");
    Endpoint endpoint;
    endpoint.key = key;
    endpoint.flags = {EndpointFlag::subflow};
    AppliedChange blocked;
    blocked.change.resource = Resource::endpoint;
    blocked.change.key = "192.0.2.1";
    blocked.change.actionability = Actionability::blocked;
    blocked.outcome = Outcome::failed;

    Ownership record;
    record.stand_ins[key] = {endpoint.flags, "/etc/mptcp-keeper/config.yaml:3"};
    ObservedState observed;
    observed.endpoints = std::vector<Endpoint>{endpoint};
    EXPECT_EQ(
        record_after(record, Ownership{}, {blocked}, DesiredState{}, observed).stand_ins.count(key), 1U);
}

} // namespace
} // namespace keeper
