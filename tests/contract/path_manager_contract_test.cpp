// SPDX-License-Identifier: LGPL-2.1-or-later
// The contract of PathManagerPort, for the fake and the running kernel.
#include <algorithm>

#include "adapters/kernel/netlink_path_manager.hpp"
#include "contract/mptcp_sockets.hpp"
#include "contract/network_namespace.hpp"
#include "fakes/fake_path_manager.hpp"

namespace keeper::contract {
namespace {

using enum EndpointFlag;

struct FakeSubject {
    fake::FakePathManager path_manager;
    FakeSubject() { path_manager.absent.insert(*IpAddress::parse("192.0.2.99")); }
    static std::optional<std::string> problem() { return std::nullopt; }

    /// Adds the signal endpoint 192.0.2.2 with id 1 and the implicit endpoint 192.0.2.3 with id 2.
    void make_implicit_endpoint() {
        path_manager.table = {
            {key("192.0.2.2"), {signal}, {}, EndpointId{1}},
            {key("192.0.2.3"), {implicit}, {}, EndpointId{2}}};
    }
};

struct KernelSubject {
    NetworkNamespace network;
    NetlinkPathManager path_manager;
    UniqueFd listener;
    std::optional<ConnectedPair> connection;
    [[nodiscard]] std::optional<std::string> problem() const { return network.problem(); }

    /// An implicit endpoint appears when a subflow starts from an address that is not an endpoint: here the
    /// response to an announced address, on a route that prefers another source.
    void make_implicit_endpoint() {
        NetworkNamespace::run(
            "ip mptcp limits set subflows 4 add_addr_accepted 4 && ip mptcp endpoint add 192.0.2.2 signal && "
            "ip addr add 192.0.2.3/24 dev test0 && ip route del local 192.0.2.2 table local && "
            "ip route add local 192.0.2.2 dev test0 table local src 192.0.2.3");
        listener = listen_on(key("0.0.0.0:4444"));
        connection.emplace(listener, key("192.0.2.1"), key("192.0.2.1:4444"));
        ASSERT_TRUE(eventually([&] { return path_manager.endpoints().value().size() == 2; }));
    }
};

Endpoint endpoint(const char* key, EndpointFlags flags, std::uint8_t id = 0) {
    return {*parse_socket_address(key), flags, {}, EndpointId{id}};
}

template <class Subject>
class PathManagerContract : public testing::Test {
  protected:
    void SetUp() override {
        if (subject_.problem()) {
            GTEST_SKIP() << *subject_.problem();
        }
    }
    PathManagerPort& port() { return subject_.path_manager; }
    std::vector<Endpoint> endpoints() { return port().endpoints().value(); }
    void expect_refusal(const Result<void>& result, ErrorKind kind, const std::string& text) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, kind) << result.error().message;
        EXPECT_NE(result.error().message.find(text), std::string::npos) << result.error().message;
    }
    void expect_refused_addition(const Endpoint& wish, ErrorKind kind, const std::string& text) {
        const auto before = endpoints();
        expect_refusal(port().add(wish), kind, text);
        EXPECT_EQ(endpoints(), before);
    }

    void make_implicit_endpoint() { subject_.make_implicit_endpoint(); }

  private:
    Subject subject_;
};

using Subjects = testing::Types<FakeSubject, KernelSubject>;
struct SubjectName {
    template <class Subject>
    static std::string GetName(int) {
        return std::is_same_v<Subject, FakeSubject> ? "Fake" : "Kernel";
    }
};
TYPED_TEST_SUITE(PathManagerContract, Subjects, SubjectName);

TYPED_TEST(PathManagerContract, StartsWithTheKernelsDefaultsAndNoEndpoint) {
    EXPECT_EQ(this->port().limits().value(), (Limits{2, 0}));
    EXPECT_TRUE(this->endpoints().empty());
}

TYPED_TEST(PathManagerContract, SetsBothLimits) {
    ASSERT_TRUE(this->port().set_limits({3, 4}));
    EXPECT_EQ(this->port().limits().value(), (Limits{3, 4}));
}

TYPED_TEST(PathManagerContract, KeepsALimitThatIsNotInThePatch) {
    ASSERT_TRUE(this->port().set_limits({std::nullopt, 4}));
    EXPECT_EQ(this->port().limits().value(), (Limits{2, 4}));
    ASSERT_TRUE(this->port().set_limits({5, std::nullopt}));
    EXPECT_EQ(this->port().limits().value(), (Limits{5, 4}));
}

TYPED_TEST(PathManagerContract, NamesTheMaximumOfALimitAndSetsNeither) {
    EXPECT_EQ(this->port().limit_maximum(), std::nullopt);
    this->expect_refusal(
        this->port().set_limits({1, 1000}), ErrorKind::failed, "1000 exceeds this kernel's maximum of ");
    EXPECT_EQ(this->port().limits().value(), (Limits{2, 0}));
}

TYPED_TEST(PathManagerContract, KnowsTheMaximumOfALimitFromARefusal) {
    ASSERT_FALSE(this->port().set_limits({1000, std::nullopt}));
    const std::uint32_t most = this->port().limit_maximum().value();
    EXPECT_FALSE(this->port().set_limits({most + 1, std::nullopt}));
    EXPECT_EQ(this->port().limit_maximum(), most);
    ASSERT_TRUE(this->port().set_limits({most, most}));
    EXPECT_EQ(this->port().limits().value(), (Limits{most, most}));
}

TYPED_TEST(PathManagerContract, AddsAnEndpointWithAnIdOfTheKernelsChoice) {
    Endpoint wish = endpoint("192.0.2.1", {signal});
    wish.ifindex = Ifindex{2};
    ASSERT_TRUE(this->port().add(wish));
    wish.id = EndpointId{1};
    EXPECT_EQ(this->endpoints(), std::vector<Endpoint>{wish});
}

TYPED_TEST(PathManagerContract, AddsIpv6AndBothFlagsAndAPinnedId) {
    const Endpoint wish = endpoint("2001:db8::1", {subflow, backup, fullmesh}, 77);
    ASSERT_TRUE(this->port().add(wish));
    EXPECT_EQ(this->endpoints(), std::vector<Endpoint>{wish});
}

TYPED_TEST(PathManagerContract, AddsAPort) {
    const Endpoint wish = endpoint("192.0.2.1:4000", {signal}, 9);
    ASSERT_TRUE(this->port().add(wish));
    EXPECT_EQ(this->endpoints(), std::vector<Endpoint>{wish});
}

TYPED_TEST(PathManagerContract, DistinguishesEndpointsByTheirPort) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal})));
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1:4000", {signal})));
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1:4001", {signal})));
    this->expect_refused_addition(endpoint("192.0.2.1:4001", {signal}), ErrorKind::failed, "already");
    EXPECT_EQ(
        this->endpoints(),
        (std::vector<Endpoint>{
            endpoint("192.0.2.1", {signal}, 1),
            endpoint("192.0.2.1:4000", {signal}, 2),
            endpoint("192.0.2.1:4001", {signal}, 3)}));
}

TYPED_TEST(PathManagerContract, ListsEndpointsInTheOrderOfTheirIds) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal}, 9)));
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.2", {signal}, 4)));
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.3", {signal})));
    EXPECT_EQ(
        this->endpoints(),
        (std::vector<Endpoint>{
            endpoint("192.0.2.2", {signal}, 4),
            endpoint("192.0.2.1", {signal}, 9),
            endpoint("192.0.2.3", {signal}, 10)}));
}

TYPED_TEST(PathManagerContract, GivesAFreeIdAfterTheLastOne) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal}, 255)));
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.2", {signal})));
    ASSERT_EQ(this->endpoints().size(), 2U);
    EXPECT_EQ(this->endpoints().front(), endpoint("192.0.2.2", {signal}, 1));
}

// Kernels without the fix of December 2025 keep and report such a flag.
TYPED_TEST(PathManagerContract, DropsOrKeepsUnknownFlagsAndReportsSuccess) {
    const EndpointFlags unknown = EndpointFlags::from_raw(2 | 0x4000);
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", unknown)));
    const auto shown = this->endpoints();
    EXPECT_TRUE(
        shown == std::vector<Endpoint>{endpoint("192.0.2.1", {subflow}, 1)} ||
        shown == std::vector<Endpoint>{endpoint("192.0.2.1", unknown, 1)});
}

TYPED_TEST(PathManagerContract, RefusesFlagsThatCannotBeCombined) {
    this->expect_refused_addition(
        endpoint("192.0.2.1", {signal, fullmesh}), ErrorKind::failed, "both signal and fullmesh");
    this->expect_refused_addition(
        endpoint("192.0.2.1:4000", {subflow}), ErrorKind::failed, "when using port");
    this->expect_refused_addition(
        endpoint("192.0.2.1:4000", {signal, subflow}), ErrorKind::failed, "when using port");
    this->expect_refused_addition(
        endpoint("192.0.2.1:4000", {signal, fullmesh}), ErrorKind::failed, "both signal and fullmesh");
    this->expect_refused_addition(endpoint("192.0.2.1", {implicit}), ErrorKind::failed, "IMPLICIT");
}

TYPED_TEST(PathManagerContract, RefusesAPortOnAnAddressThatTheHostLacks) {
    this->expect_refused_addition(
        endpoint("192.0.2.99:4000", {signal}), ErrorKind::failed, "not on this host");
    EXPECT_TRUE(this->port().add(endpoint("192.0.2.99", {signal})));
}

TYPED_TEST(PathManagerContract, RefusesADuplicateAddress) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal}, 3)));
    this->expect_refused_addition(endpoint("192.0.2.1", {subflow}), ErrorKind::failed, "already");
}

TYPED_TEST(PathManagerContract, ReportsBusyForAnIdInUse) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal}, 3)));
    this->expect_refused_addition(endpoint("192.0.2.2", {signal}, 3), ErrorKind::busy, "in use");
}

TYPED_TEST(PathManagerContract, ReportsAFullTable) {
    Result<void> added;
    int count = 0;
    while (count < 256 && added) {
        ++count;
        const std::string address =
            "198.51." + std::to_string(100 + count / 250) + "." + std::to_string(count % 250 + 1);
        added = this->port().add(endpoint(address.c_str(), {signal}));
    }
    ASSERT_GE(count, 9);
    this->expect_refusal(added, ErrorKind::table_full, "is full");
    EXPECT_EQ(this->endpoints().size(), static_cast<std::size_t>(count - 1));
    // A full table takes precedence over other reasons.
    this->expect_refused_addition(endpoint("198.51.100.2", {signal}), ErrorKind::table_full, "is full");
}

TYPED_TEST(PathManagerContract, RemovesById) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal}, 3)));
    ASSERT_TRUE(this->port().add(endpoint("2001:db8::1", {subflow}, 4)));
    ASSERT_TRUE(this->port().remove(endpoint("2001:db8::1", {subflow}, 4)));
    EXPECT_EQ(this->endpoints(), (std::vector<Endpoint>{endpoint("192.0.2.1", {signal}, 3)}));
}

TYPED_TEST(PathManagerContract, RemovingAMissingEndpointIsSuccess) {
    EXPECT_TRUE(this->port().remove(endpoint("192.0.2.1", {signal}, 3)));
}

TYPED_TEST(PathManagerContract, RefusesToRemoveWithoutAnId) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal})));
    this->expect_refusal(this->port().remove(endpoint("192.0.2.1", {signal})), ErrorKind::failed, "id");
    EXPECT_EQ(this->endpoints().size(), 1U);
}

TYPED_TEST(PathManagerContract, ReplacesOnlyBackupAndFullmesh) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {subflow, fullmesh}, 3)));
    ASSERT_TRUE(this->port().set_flags(endpoint("192.0.2.1", {signal, backup}, 3)));
    EXPECT_EQ(this->endpoints(), (std::vector<Endpoint>{endpoint("192.0.2.1", {subflow, backup}, 3)}));
    ASSERT_TRUE(this->port().set_flags(endpoint("192.0.2.1", {}, 3)));
    EXPECT_EQ(this->endpoints(), (std::vector<Endpoint>{endpoint("192.0.2.1", {subflow}, 3)}));
}

TYPED_TEST(PathManagerContract, SetsFlagsOfAnEndpointWithAPort) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal})));
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1:4000", {signal})));
    ASSERT_TRUE(this->port().set_flags(endpoint("192.0.2.1:4000", {backup}, 2)));
    EXPECT_EQ(
        this->endpoints(),
        (std::vector<Endpoint>{
            endpoint("192.0.2.1", {signal}, 1), endpoint("192.0.2.1:4000", {signal, backup}, 2)}));
}

TYPED_TEST(PathManagerContract, RefusesFullmeshOnSignalAndFlagsOfAMissingEndpoint) {
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.1", {signal}, 3)));
    this->expect_refusal(
        this->port().set_flags(endpoint("192.0.2.1", {signal, fullmesh}, 3)),
        ErrorKind::failed,
        ""); // kernels before 6.3 do not say why
    this->expect_refusal(this->port().set_flags(endpoint("192.0.2.2", {backup}, 5)), ErrorKind::failed, "");
}

TYPED_TEST(PathManagerContract, ListsImplicitEndpoints) {
    this->make_implicit_endpoint();
    EXPECT_EQ(
        this->endpoints(),
        (std::vector<Endpoint>{endpoint("192.0.2.2", {signal}, 1), endpoint("192.0.2.3", {implicit}, 2)}));
}

TYPED_TEST(PathManagerContract, ReplacesAnImplicitEndpointAndKeepsItsId) {
    this->make_implicit_endpoint();
    ASSERT_TRUE(this->port().add(endpoint("192.0.2.3", {subflow, backup})));
    EXPECT_EQ(
        this->endpoints(),
        (std::vector<Endpoint>{
            endpoint("192.0.2.2", {signal}, 1), endpoint("192.0.2.3", {subflow, backup}, 2)}));
}

TYPED_TEST(PathManagerContract, RefusesToReplaceAnImplicitEndpointUnderAnotherId) {
    this->make_implicit_endpoint();
    this->expect_refused_addition(endpoint("192.0.2.3", {subflow}, 9), ErrorKind::failed, "duplicate");
    this->expect_refused_addition(endpoint("192.0.2.3", {subflow}, 2), ErrorKind::busy, "in use");
    this->expect_refusal(this->port().set_flags(endpoint("192.0.2.3", {fullmesh}, 2)), ErrorKind::failed, "");
}

} // namespace
} // namespace keeper::contract
