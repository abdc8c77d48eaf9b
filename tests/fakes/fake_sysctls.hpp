#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "fakes/failure_injection.hpp"
#include "model/sysctl_table.hpp"
#include "ports/sysctl_port.hpp"

namespace keeper::fake {

/// Sysctls in memory that hold the defaults of a new namespace on Linux 6.18 and refuse what it refuses.
/// Members are for a test to set as it likes.
class FakeSysctls : public SysctlPort, public FailureInjection {
  public:
    bool supported = true;        ///< false: a kernel without MPTCP
    std::optional<Error> failure; ///< what read_all() answers instead, while set
    std::map<std::string, std::string> values{
        {"add_addr_timeout", "120"},
        {"allow_join_initial_addr_port", "1"},
        {"available_path_managers", "kernel userspace"},
        {"available_schedulers", "default"},
        {"blackhole_timeout", "3600"},
        {"checksum_enabled", "0"},
        {"close_timeout", "60"},
        {"enabled", "1"},
        {"path_manager", "kernel"},
        {"pm_type", "0"},
        {"scheduler", "default"},
        {"stale_loss_cnt", "4"},
        {"syn_retrans_before_tcp_fallback", "2"},
    };

    [[nodiscard]] Result<std::map<std::string, std::string>> read_all() override {
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
            const std::string& available =
                values.at(name == "scheduler" ? "available_schedulers" : "available_path_managers");
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
