// SPDX-License-Identifier: LGPL-2.1-or-later
// The contract of SysctlPort, for the fake and the running kernel.
#include "adapters/kernel/procfs_sysctls.hpp"
#include "contract/network_namespace.hpp"
#include "fakes/fake_sysctls.hpp"

namespace keeper::contract {
namespace {

struct FakeSysctlsSubject {
    fake::FakeSysctls sysctls;
    static std::optional<std::string> problem() { return std::nullopt; }
};

struct KernelSysctlsSubject {
    NetworkNamespace network;
    ProcfsSysctls sysctls;
    [[nodiscard]] std::optional<std::string> problem() const { return network.problem(); }
};

template <class Subject>
class SysctlContract : public testing::Test {
  protected:
    void SetUp() override {
        if (subject_.problem()) {
            GTEST_SKIP() << *subject_.problem();
        }
    }
    SysctlPort& port() { return subject_.sysctls; }
    std::map<std::string, std::string> values() { return port().read_all().value(); }
    bool has(const std::string& name) { return values().count(name) != 0; }
    /// Expects a refusal of that kind with that text, and no change.
    void expect_refusal(
        const std::string& name, const std::string& value, ErrorKind kind, const std::string& text) {
        const auto before = values();
        const auto result = port().write(name, value);
        ASSERT_FALSE(result) << name << "=" << value;
        EXPECT_EQ(result.error().kind, kind) << result.error().message;
        EXPECT_NE(result.error().message.find(text), std::string::npos) << result.error().message;
        EXPECT_EQ(values(), before);
    }

  private:
    Subject subject_;
};

using SysctlSubjects = testing::Types<FakeSysctlsSubject, KernelSysctlsSubject>;
struct SysctlSubjectName {
    template <class Subject>
    static std::string GetName(int) {
        return std::is_same_v<Subject, FakeSysctlsSubject> ? "Fake" : "Kernel";
    }
};
TYPED_TEST_SUITE(SysctlContract, SysctlSubjects, SysctlSubjectName);

TYPED_TEST(SysctlContract, ReadsValuesWithoutTheNewline) {
    const auto values = this->values();
    EXPECT_TRUE(values.at("enabled") == "1" || values.at("enabled") == "0");
    EXPECT_EQ(values.at("add_addr_timeout"), "120");
}

TYPED_TEST(SysctlContract, ReadsBackWhatItWrote) {
    ASSERT_TRUE(this->port().write("enabled", "0"));
    ASSERT_TRUE(this->port().write("add_addr_timeout", "7"));
    EXPECT_EQ(this->values().at("enabled"), "0");
    EXPECT_EQ(this->values().at("add_addr_timeout"), "7");
}

TYPED_TEST(SysctlContract, ChangesNothingElse) {
    auto expected = this->values();
    expected["add_addr_timeout"] = "33";
    ASSERT_TRUE(this->port().write("add_addr_timeout", "33"));
    EXPECT_EQ(this->values(), expected);
}

TYPED_TEST(SysctlContract, ReportsUnsupportedForANameThatTheKernelLacks) {
    this->expect_refusal("no_such_thing", "1", ErrorKind::unsupported, "net.mptcp.no_such_thing");
}

TYPED_TEST(SysctlContract, NeverLeavesItsDirectory) {
    for (const char* name :
         {"../../kernel/panic", "/etc/hostname", ".", "..", "", "enabled/", "./enabled", "Enabled", "a b"}) {
        this->expect_refusal(name, "1", ErrorKind::failed, "");
    }
    this->expect_refusal(std::string("enabled\0x", 9), "1", ErrorKind::failed, "");
}

TYPED_TEST(SysctlContract, RefusesGarbageAndWhatIsOutOfRange) {
    this->expect_refusal("enabled", "2", ErrorKind::failed, "");
    this->expect_refusal("enabled", "yes", ErrorKind::failed, "");
    this->expect_refusal("enabled", "", ErrorKind::failed, "");
    if (this->has("syn_retrans_before_tcp_fallback")) {
        this->expect_refusal("syn_retrans_before_tcp_fallback", "256", ErrorKind::failed, "");
    }
}

TYPED_TEST(SysctlContract, ListsWhatIsAvailableForANameThatIsNot) {
    if (this->has("available_schedulers")) {
        this->expect_refusal("scheduler", "nonesuch", ErrorKind::failed, "default");
    }
    if (this->has("available_path_managers")) {
        this->expect_refusal("path_manager", "nonesuch", ErrorKind::failed, "kernel userspace");
    }
}

TYPED_TEST(SysctlContract, ReportsNotPermittedForAReadOnlySysctl) {
    if (!this->has("available_schedulers")) {
        GTEST_SKIP() << "this kernel has no read-only sysctl under net.mptcp";
    }
    this->expect_refusal("available_schedulers", "default", ErrorKind::not_permitted, "read-only");
}

TYPED_TEST(SysctlContract, PathManagerAndPmTypeAreOneSetting) {
    if (!this->has("path_manager") || !this->has("pm_type")) {
        GTEST_SKIP() << "this kernel has only one of pm_type and path_manager";
    }
    ASSERT_TRUE(this->port().write("path_manager", "userspace"));
    EXPECT_EQ(this->values().at("pm_type"), "1");
    ASSERT_TRUE(this->port().write("pm_type", "0"));
    EXPECT_EQ(this->values().at("path_manager"), "kernel");
}

} // namespace
} // namespace keeper::contract
