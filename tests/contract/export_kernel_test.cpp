// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything that the running kernel accepts can be exported, and the export is a valid declaration of the
// same host.
#include <algorithm>
#include <map>

#include "adapters/kernel/netlink_links.hpp"
#include "adapters/kernel/netlink_path_manager.hpp"
#include "adapters/kernel/procfs_sysctls.hpp"
#include "config/config.hpp"
#include "contract/network_namespace.hpp"
#include "export/export.hpp"
#include "model/endpoint_use.hpp"
#include "plan/plan.hpp"

namespace keeper::contract {
namespace {

using enum EndpointFlag;

/// Every flag bit that some kernel has, and one that none has.
constexpr std::uint32_t all_bits = 127;

class ExportOfAKernel : public KernelTest {
  protected:
    ObservedState observe() {
        ObservedState state;
        state.kernel_release = run("uname -r");
        state.mptcp_supported = true;
        state.sysctls = sysctls_.read_all().value();
        state.limits = path_manager_.limits().value();
        state.endpoints = path_manager_.endpoints().value();
        state.links = links_.links().value();
        return state;
    }

    /// The export of the host; checks that it is valid and changes nothing.
    std::string exported() {
        const ObservedState host = observe();
        ExportFacts facts;
        facts.observed = &host;
        std::string yaml = export_yaml(facts);
        const LoadedConfig config = parse_config({{"export", yaml}});
        EXPECT_TRUE(config.valid()) << config.errors.front().message << "\n" << yaml;
        const Plan plan = make_plan(config.desired, host, {}, Scope{});
        EXPECT_TRUE(plan.in_sync()) << yaml;
        return yaml;
    }

    Ifindex index_of(const std::string& name) {
        const std::vector<Link> links = links_.links().value();
        const auto found =
            std::find_if(links.begin(), links.end(), [&](const Link& link) { return link.name == name; });
        return found == links.end() ? Ifindex{} : found->ifindex;
    }

    NetlinkPathManager path_manager_;
    NetlinkLinks links_;
    ProcfsSysctls sysctls_;
};

/// The lines of the section that declare an endpoint, without comments.
bool is_declared(const std::string& yaml) {
    return yaml.find("\n  - {address:") != std::string::npos;
}

TEST_F(ExportOfAKernel, DeclaresEveryEndpointThatTheKernelAcceptsAndUses) {
    const Ifindex device = index_of("test0");
    run("ip address add fe80::77/64 dev test0 nodad");
    int accepted = 0;
    int useful = 0;
    for (const char* text : {"192.0.2.1", "2001:db8::1", "203.0.113.9", "fe80::77"}) {
        for (std::uint32_t bits = 0; bits <= all_bits; ++bits) {
            for (const int variant : {0, 1, 2, 3}) {
                const bool has_port = (variant & 1) != 0;
                const Ifindex ifindex = (variant & 2) != 0 ? device : Ifindex{};
                Endpoint wish;
                wish.key = {*IpAddress::parse(text), static_cast<std::uint16_t>(has_port ? 4000 : 0)};
                wish.flags = EndpointFlags::from_raw(bits);
                wish.ifindex = ifindex;
                wish.id = EndpointId{9};
                if (!path_manager_.add(wish)) {
                    continue;
                }
                ++accepted;
                SCOPED_TRACE(
                    std::string(text) + " flags " + std::to_string(bits) + " variant " +
                    std::to_string(variant));
                const Endpoint shown = path_manager_.endpoints().value().front();
                const bool is_unbound_link_local = shown.key.address.is_link_local() && ifindex.value == 0;
                const bool is_known = (shown.flags.raw() & ~63U) == 0;
                const bool expected = have_effect(shown.flags) && !is_unbound_link_local && is_known;
                EXPECT_EQ(is_declared(exported()), expected) << run("ip mptcp endpoint show");
                useful += expected ? 1 : 0;
                ASSERT_TRUE(path_manager_.remove(shown));
            }
        }
    }
    EXPECT_GT(accepted, 200) << "the kernel refuses nearly everything: the test is meaningless";
    EXPECT_GT(useful, 100);
}

TEST_F(ExportOfAKernel, IsValidForAddressesThatNoPathCanUse) {
    for (const char* text :
         {"0.0.0.0",
          "::",
          "224.0.0.1",
          "ff02::1",
          "::ffff:192.0.2.1",
          "127.0.0.1",
          "::1",
          "255.255.255.255",
          "fd00::1",
          "169.254.1.1"}) {
        SCOPED_TRACE(text);
        Endpoint wish;
        wish.key.address = *IpAddress::parse(text);
        wish.flags = {subflow};
        if (path_manager_.add(wish)) {
            exported();
            ASSERT_TRUE(path_manager_.remove(path_manager_.endpoints().value().front()));
        }
    }
}

TEST_F(ExportOfAKernel, IsValidForEveryInterfaceName) {
    int number = 10;
    for (const char* name : {"yes", "null", "1e5", "0x10", "a*b", "a?b", "[a]",         "{a}",
                             "a#b", "a\\b", "a,b", "-",    "a'b", "~",   "&a",          "!a",
                             "|",   ">",    "%",   "@a",   "`a`", "a;b", "\xc3\xa9th0", "fifteen-letters"}) {
        SCOPED_TRACE(name);
        const std::string quoted = std::string(name) == "a'b" ? "\"a'b\"" : "'" + std::string(name) + "'";
        const std::string address = "198.51.100." + std::to_string(++number);
        if (NetworkNamespace::run_status(
                "ip link add name " + quoted + " type veth peer name peer" + std::to_string(number) +
                " 2>/dev/null") != 0) {
            continue;
        }
        run("ip address add " + address + "/32 dev " + quoted + "; ip link set " + quoted + " up");
        Endpoint wish;
        wish.key.address = *IpAddress::parse(address);
        wish.flags = {subflow};
        wish.ifindex = index_of(name);
        ASSERT_TRUE(path_manager_.add(wish));
        EXPECT_TRUE(is_declared(exported()));
        ASSERT_TRUE(path_manager_.remove(path_manager_.endpoints().value().front()));
    }
}

TEST_F(ExportOfAKernel, LeavesOutAnEndpointWhoseInterfaceIsGone) {
    run("ip link add name gone type veth peer name away; ip address add 198.51.100.9/32 dev gone; ip link "
        "set gone up; "
        "ip mptcp endpoint add 198.51.100.9 dev gone subflow; ip link del gone");
    EXPECT_FALSE(is_declared(exported()));
    EXPECT_NE(exported().find("does not exist"), std::string::npos);
}

TEST_F(ExportOfAKernel, IsValidForEveryValueOfASysctlAndOfTheLimits) {
    const std::map<std::string, std::string> sysctls = sysctls_.read_all().value();
    for (const auto& [name, before] : sysctls) {
        for (const char* value :
             {"-2",
              "-1",
              "0",
              "1",
              "2",
              "255",
              "256",
              "2147483",
              "8589934",
              "2147483647",
              "4294967295",
              "userspace"}) {
            SCOPED_TRACE(name + "=" + value);
            if (sysctls_.write(name, value)) {
                exported();
                ASSERT_TRUE(sysctls_.write(name, before));
            }
        }
    }
    for (std::uint32_t number = 0; path_manager_.set_limits({number, number}).has_value(); ++number) {
        SCOPED_TRACE(number);
        exported();
    }
}

} // namespace
} // namespace keeper::contract
