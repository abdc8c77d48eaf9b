// SPDX-License-Identifier: LGPL-2.1-or-later
// Compares the table of sysctls with the running kernel: the values of a new network namespace, and what it
// accepts.
#include "adapters/kernel/procfs_sysctls.hpp"
#include "contract/network_namespace.hpp"
#include "model/sysctl_table.hpp"

namespace keeper::contract {
namespace {

class SysctlTableInKernel : public KernelTest {
  protected:
    std::map<std::string, std::string> values() { return port_.read_all().value(); }
    bool accepts(const SysctlSpec& sysctl, std::int64_t value) {
        return port_.write(std::string(sysctl.name), std::to_string(value)).has_value();
    }
    /// Calls use(sysctl) for each number that this kernel has.
    template <class Use>
    void for_each_number(Use use) {
        const auto present = values();
        for (const SysctlSpec& sysctl : known_sysctls()) {
            if (!sysctl.read_only && sysctl.type != SysctlType::name &&
                present.count(std::string(sysctl.name)) != 0) {
                use(sysctl);
            }
        }
    }

    ProcfsSysctls port_;
};

TEST_F(SysctlTableInKernel, HasEverySysctlOfTheKernel) {
    for (const auto& [name, value] : values()) {
        EXPECT_NE(find_sysctl(name), nullptr) << name << " is " << value;
    }
}

TEST_F(SysctlTableInKernel, HasTheDefaultsOfANewNamespace) {
    for (const auto& [name, value] : values()) {
        const SysctlSpec* sysctl = find_sysctl(name);
        if (sysctl != nullptr && !sysctl->read_only && name != "enabled") { // distributions change it
            EXPECT_EQ(kernel_default_of_sysctl(name), value) << name;
        }
    }
}

TEST_F(SysctlTableInKernel, AllowsNothingThatTheKernelRefuses) {
    // Kernels store some times in jiffies, at most 1000 per second, in 31 bits.
    constexpr std::int64_t most_seconds = 2147483;
    for_each_number([&](const SysctlSpec& sysctl) {
        EXPECT_TRUE(accepts(sysctl, sysctl.minimum)) << sysctl.name;
        const bool is_time = sysctl.unit == "s";
        EXPECT_TRUE(accepts(sysctl, is_time ? std::min(sysctl.maximum, most_seconds) : sysctl.maximum))
            << sysctl.name;
    });
}

TEST_F(SysctlTableInKernel, ForbidsWhatTheKernelRefuses) {
    for_each_number(
        [&](const SysctlSpec& sysctl) { EXPECT_FALSE(accepts(sysctl, sysctl.maximum + 1)) << sysctl.name; });
}

} // namespace
} // namespace keeper::contract
