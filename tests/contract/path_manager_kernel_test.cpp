// SPDX-License-Identifier: LGPL-2.1-or-later
// NetlinkPathManager on the running kernel; ip(8) is the oracle.
#include <filesystem>
#include <iterator>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "adapters/kernel/host.hpp"
#include "adapters/kernel/netlink_path_manager.hpp"
#include "adapters/kernel/procfs_sysctls.hpp"
#include "contract/mptcp_sockets.hpp"
#include "contract/network_namespace.hpp"

namespace keeper::contract {
namespace {

using enum EndpointFlag;

class PathManagerInKernel : public KernelTest {
  protected:
    NetlinkPathManager port_;
};

/// Drops all capabilities, irreversibly: only for a child process.
void drop_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    syscall(SYS_capset, &header, none);
}

/// Runs the check in a child process without capabilities and returns its result.
template <class Check>
bool holds_without_rights(Check check) {
    const pid_t child = fork();
    if (child == 0) {
        drop_capabilities();
        _exit(check() ? 0 : 1);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(PathManagerInKernel, WritesWhatIpShows) {
    const int index = std::stoi(run("ip -o link show test0 | cut -d: -f1"));
    ASSERT_TRUE(port_.set_limits({3, 2}));
    ASSERT_TRUE(port_.add({key("192.0.2.1"), {subflow, backup}, Ifindex{index}, EndpointId{5}}));
    ASSERT_TRUE(port_.add({key("192.0.2.2:4000"), {signal}, {}, EndpointId{6}}));
    ASSERT_TRUE(port_.add({key("2001:db8::1"), {subflow, fullmesh}, {}, EndpointId{7}}));
    EXPECT_EQ(run("ip mptcp limits show"), "add_addr_accepted 2 subflows 3 \n");
    EXPECT_EQ(
        run("ip mptcp endpoint show"),
        "192.0.2.1 id 5 subflow backup dev test0 \n"
        "192.0.2.2 port 4000 id 6 signal \n"
        "2001:db8::1 id 7 subflow fullmesh \n");
}

TEST_F(PathManagerInKernel, ReadsWhatIpWrote) {
    run("ip mptcp limits set subflows 5 add_addr_accepted 6 && "
        "ip mptcp endpoint add 192.0.2.1 id 9 signal backup && "
        "ip mptcp endpoint add 2001:db8::1 port 4001 id 10 signal");
    EXPECT_EQ(port_.limits().value(), (Limits{5, 6}));
    EXPECT_EQ(
        port_.endpoints().value(),
        (std::vector<Endpoint>{
            {key("192.0.2.1"), {signal, backup}, {}, EndpointId{9}},
            {key("[2001:db8::1]:4001"), {signal}, {}, EndpointId{10}}}));
}

TEST_F(PathManagerInKernel, ReportsNotPermittedWithoutTheCapabilityAndStillReads) {
    EXPECT_TRUE(holds_without_rights([&] {
        const Endpoint wish{key("192.0.2.1"), {signal}, {}, EndpointId{1}};
        const auto is_refused = [](const Result<void>& result) {
            return !result && result.error().kind == ErrorKind::not_permitted;
        };
        return is_refused(port_.set_limits({1, 1})) && is_refused(port_.add(wish)) &&
               is_refused(port_.remove(wish)) && is_refused(port_.set_flags(wish)) && port_.limits() &&
               port_.endpoints();
    }));
}

TEST_F(PathManagerInKernel, KnowsWhetherItHasTheCapability) {
    EXPECT_TRUE(has_net_admin());
    EXPECT_TRUE(holds_without_rights([] { return !has_net_admin(); }));
}

TEST_F(PathManagerInKernel, ReadsAFullTableWhileAnotherProgramChangesIt) {
    FILE* changes = popen(
        "for i in $(seq 150); do ip mptcp endpoint add 192.0.2.2 id 200 signal; "
        "ip mptcp endpoint delete id 200; done",
        "r");
    ASSERT_NE(changes, nullptr);
    const Endpoint steady{key("192.0.2.1"), {signal}, {}, EndpointId{1}};
    ASSERT_TRUE(port_.add(steady));
    pollfd end{fileno(changes), POLLIN | POLLHUP, 0};
    while (poll(&end, 1, 0) == 0) {
        const auto present = port_.endpoints();
        ASSERT_TRUE(present) << present.error().message;
        ASSERT_GE(present->size(), 1U);
        ASSERT_EQ(present->front(), steady);
    }
    EXPECT_EQ(pclose(changes), 0);
}

TEST_F(PathManagerInKernel, OpensASocketOnlyAtItsFirstUse) {
    const auto open_files = [] {
        using Iterator = std::filesystem::directory_iterator;
        return std::distance(Iterator("/proc/self/fd"), Iterator());
    };
    const auto before = open_files();
    NetlinkPathManager port;
    const ProcfsSysctls sysctls;
    EXPECT_EQ(open_files(), before);
    ASSERT_TRUE(port.limits());
    EXPECT_NE(open_files(), before);
}

// Linux before 6.3 uses one errno for three refusals.
const netlink::Refusal old_refusal{EINVAL, "too many addresses or duplicate one"};
const Endpoint present_one{key("192.0.2.1"), {signal}, {}, EndpointId{3}};

std::vector<Endpoint> eight_endpoints() {
    std::vector<Endpoint> endpoints;
    for (std::uint8_t id = 1; id <= 8; ++id) {
        endpoints.push_back({key(("192.0.2." + std::to_string(id)).c_str()), {signal}, {}, EndpointId{id}});
    }
    return endpoints;
}

TEST(RefusalOfAnOldKernel, IsBusyIfTheIdIsTaken) {
    const Endpoint wish{key("192.0.2.2"), {signal}, {}, EndpointId{3}};
    EXPECT_EQ(explain_refused_addition(wish, old_refusal, {present_one}).kind, ErrorKind::busy);
}

TEST(RefusalOfAnOldKernel, IsADuplicateIfTheAddressExists) {
    const Endpoint wish{key("192.0.2.1"), {subflow}, {}, {}};
    const Error error = explain_refused_addition(wish, old_refusal, {present_one});
    EXPECT_EQ(error.kind, ErrorKind::failed);
    EXPECT_NE(error.message.find("already"), std::string::npos) << error.message;
}

// Such a kernel distinguishes addresses by their ports only among endpoints whose only flag is signal.
TEST(RefusalOfAnOldKernel, IsADuplicateIfTheAddressExistsWithAnotherPort) {
    const Endpoint present{key("192.0.2.1"), {subflow}, {}, EndpointId{3}};
    const Endpoint wish{key("192.0.2.1:4000"), {signal}, {}, {}};
    const Error error = explain_refused_addition(wish, old_refusal, {present});
    EXPECT_EQ(error.kind, ErrorKind::failed);
    EXPECT_NE(error.message.find("already"), std::string::npos) << error.message;
}

TEST(RefusalOfAnOldKernel, IsAFullTableIfItHasEightEndpoints) {
    const Endpoint wish{key("192.0.2.9"), {subflow}, {}, {}};
    EXPECT_EQ(explain_refused_addition(wish, old_refusal, eight_endpoints()).kind, ErrorKind::table_full);
}

TEST(RefusalOfAnOldKernel, IsNotAFullTableIfThereIsRoom) {
    const Endpoint wish{key("192.0.2.9"), {subflow}, {}, {}};
    EXPECT_EQ(explain_refused_addition(wish, old_refusal, {present_one}).kind, ErrorKind::failed);
}

TEST(RefusalOfALimit, ShowsTheMaximumIfTheKernelNamesIt) {
    const netlink::Refusal refusal{EINVAL, "limit greater than maximum (64)"};
    EXPECT_EQ(limit_maximum_from(refusal, {65, 1}), 64U);
    EXPECT_EQ(limit_maximum_from({EINVAL, "limit greater than maximum (8)"}, {1, 9}), 8U);
}

TEST(RefusalOfALimit, MeansEightIfTheKernelDoesNotNameIt) {
    EXPECT_EQ(limit_maximum_from({EINVAL, "limit greater than maximum"}, {16, std::nullopt}), 8U);
}

TEST(RefusalOfALimit, ShowsNoMaximumIfItHasAnotherReason) {
    EXPECT_EQ(limit_maximum_from({EPERM, ""}, {16, 16}), std::nullopt);
    EXPECT_EQ(limit_maximum_from({EINVAL, "limit greater than maximum"}, {8, 8}), std::nullopt);
    EXPECT_EQ(limit_maximum_from({EINVAL, "limit greater than maximum (x"}, {3, 3}), std::nullopt);
}

TEST(RefusalOfAnOldKernel, IsNotGuessedForOtherMessages) {
    const Endpoint wish{key("192.0.2.1"), {subflow}, {}, EndpointId{3}};
    const Error error = explain_refused_addition(wish, {EINVAL, "flags mustn't be"}, {present_one});
    EXPECT_EQ(error, (Error{ErrorKind::failed, "cannot add endpoint 192.0.2.1: flags mustn't be"}));
}

TEST(Host, KnowsItsKernelAndBoot) {
    EXPECT_EQ(kernel_release() + "\n", NetworkNamespace::run("uname -r"));
    EXPECT_EQ(boot_id().value() + "\n", NetworkNamespace::run("cat /proc/sys/kernel/random/boot_id"));
}

} // namespace
} // namespace keeper::contract
