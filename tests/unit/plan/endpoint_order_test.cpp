// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/endpoint_order.hpp"

#include <gtest/gtest.h>

#include "support/values.hpp"

namespace keeper::test {
namespace {

using What = EndpointStep::What;

EndpointAction moved(const std::string& at, int from, int to) {
    return ReplaceEndpoint{
        endpoint(at, {EndpointFlag::signal}, 0, from), endpoint(at, {EndpointFlag::signal}, 0, to)};
}

EndpointAction added(const std::string& at, int id) {
    return AddEndpoint{endpoint(at, {EndpointFlag::signal}, 0, id)};
}

using Steps = std::vector<EndpointStep>;

TEST(EndpointOrder, AChainIsCarriedOutFromItsFreeEnd) {
    const Steps expected{{1, What::whole}, {0, What::whole}};
    EXPECT_EQ(order_of({moved("10.0.0.1", 1, 2), moved("10.0.0.2", 2, 3)}), expected);
}

TEST(EndpointOrder, OfASwapOnlyOneIsRemovedAhead) {
    const Steps expected{{1, What::first_remove}, {0, What::whole}, {1, What::then_add}};
    EXPECT_EQ(order_of({moved("10.0.0.1", 1, 2), moved("10.0.0.2", 2, 1)}), expected);
}

TEST(EndpointOrder, OfACycleOfThreeOnlyOneIsRemovedAhead) {
    const Steps expected{{1, What::first_remove}, {0, What::whole}, {2, What::whole}, {1, What::then_add}};
    EXPECT_EQ(
        order_of({moved("10.0.0.1", 1, 2), moved("10.0.0.2", 2, 3), moved("10.0.0.3", 3, 1)}), expected);
}

TEST(EndpointOrder, AnEndpointWithoutAPinMakesRoomAndComesLast) {
    const Steps expected{{0, What::first_remove}, {2, What::whole}, {0, What::then_add}, {1, What::whole}};
    EXPECT_EQ(order_of({moved("10.0.0.1", 1, 0), added("10.0.0.2", 0), added("10.0.0.3", 1)}), expected);
}

TEST(EndpointOrder, RemovalsAndEditsInPlaceComeFirst) {
    const Endpoint one = endpoint("10.0.0.1", {EndpointFlag::signal}, 0, 1);
    const Steps expected{{1, What::whole}, {2, What::whole}, {0, What::whole}};
    EXPECT_EQ(order_of({added("10.0.0.2", 1), RemoveEndpoint{one}, SetEndpointFlags{one, one}}), expected);
}

TEST(EndpointOrder, ReplacementsThatShareNoIdAreCarriedOutOneByOne) {
    const Steps expected{{0, What::whole}, {1, What::whole}};
    EXPECT_EQ(order_of({moved("10.0.0.1", 1, 5), moved("10.0.0.2", 2, 6)}), expected);
}

} // namespace
} // namespace keeper::test
