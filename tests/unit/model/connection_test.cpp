// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "model/connection.hpp"
#include "support/values.hpp"

namespace keeper {
namespace {

TEST(Connections, UseTheLocalAddressesOfTheirSubflows) {
    Connection connection;
    connection.subflows.resize(2);
    connection.subflows[0].local = {test::address("192.0.2.1"), 4000};
    connection.subflows[0].remote = {test::address("198.51.100.1"), 80};
    connection.subflows[0].fully_established = true;
    connection.subflows[1].local = {test::address("192.0.2.2"), 4001};
    const std::vector<Connection> connections{Connection{}, connection};

    EXPECT_TRUE(has_subflow_from(connections, test::address("192.0.2.1")));
    EXPECT_TRUE(has_subflow_from(connections, test::address("192.0.2.2")));
    EXPECT_FALSE(has_subflow_from(connections, test::address("198.51.100.1"))) << "a remote address";
    EXPECT_FALSE(has_subflow_from({}, test::address("192.0.2.1")));

    EXPECT_TRUE(has_established_subflow_from(connections, test::address("192.0.2.1")));
    EXPECT_FALSE(has_established_subflow_from(connections, test::address("192.0.2.2")));
}

} // namespace
} // namespace keeper
