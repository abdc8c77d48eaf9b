// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "fakes/failure_injection.hpp"
#include "model/sysctl_table.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "ports/sysctl_port.hpp"

namespace keeper::fake {

/// The values of a new network namespace on Linux 6.18. The defaults come from the table of sysctls, which
/// SysctlTableInKernel compares with the running kernel.
inline std::map<std::string, std::string> sysctls_of_linux_6_18() {
    std::map<std::string, std::string> values{{"available_path_managers", "kernel userspace"}};
    for (const SysctlSpec& sysctl : known_sysctls()) {
        if (sysctl.read_only || !is_older(sysctl.since, 6, 19)) {
            continue;
        }
        values.emplace(sysctl.name, sysctl.kernel_default);
        if (!sysctl.choices.empty()) {
            values.emplace(sysctl.choices, sysctl.kernel_default);
        }
    }
    return values;
}

/// Sysctls in memory that start with those values and refuse what Linux 6.18 refuses. Tests may set the
/// members.
class FakeSysctls : public SysctlPort, public FailureInjection {
  public:
    bool supported = true;        ///< false: a kernel without MPTCP
    std::optional<Error> failure; ///< if set, read_all() fails with it
    int reads = 0;
    std::map<std::string, std::string> values = sysctls_of_linux_6_18();

    [[nodiscard]] Result<std::map<std::string, std::string>> read_all() override {
        ++reads;
        if (!supported) {
            return unavailable();
        }
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        return values;
    }

    [[nodiscard]] Result<void> write(const std::string& name, const std::string& value) override {
        if (!supported) {
            return unavailable();
        }
        if (auto allowed = record("write " + name); !allowed) {
            return allowed;
        }
        if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos ||
            name.empty()) {
            return fail("not the name of a sysctl: " + name);
        }
        const auto found = values.find(name);
        if (found == values.end()) {
            return fail(ErrorKind::unsupported, "this kernel has no net.mptcp." + name);
        }
        if (auto accepted = check(name, value); !accepted) {
            return accepted;
        }
        found->second = value;
        follow_alias(name, value);
        return {};
    }

  private:
    [[nodiscard]] static tl::unexpected<Error> unavailable() {
        return fail(ErrorKind::unavailable, "this kernel has no MPTCP");
    }

    [[nodiscard]] Result<void> check(const std::string& name, const std::string& value) const {
        const SysctlSpec* spec = find_sysctl(name);
        if (spec == nullptr) {
            return {};
        }
        if (spec->read_only) {
            return fail(ErrorKind::not_permitted, "net.mptcp." + name + " is read-only");
        }
        if (spec->type == SysctlType::name) {
            const std::string& available = values.at(std::string(spec->choices));
            if ((" " + available + " ").find(" " + value + " ") == std::string::npos) {
                return fail("no such " + name + ", available: " + available);
            }
            return {};
        }
        std::int64_t number = 0;
        const char* end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, number);
        if (parsed.ec != std::errc() || parsed.ptr != end || number < spec->minimum ||
            number > spec->maximum) {
            return fail("value out of range");
        }
        return {};
    }

    /// The kernel keeps one setting under two names.
    void follow_alias(const std::string& name, const std::string& value) {
        if (name == "pm_type" && values.count("path_manager") != 0) {
            values["path_manager"] = value == "1" ? "userspace" : "kernel";
        }
        if (name == "path_manager" && values.count("pm_type") != 0) {
            values["pm_type"] = value == "userspace" ? "1" : "0";
        }
    }
};

} // namespace keeper::fake
