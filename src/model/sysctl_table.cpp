// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/sysctl_table.hpp"

#include <algorithm>

namespace keeper {

namespace {

constexpr std::int64_t int_max = 2147483647;
constexpr std::int64_t u32_max = 4294967295;
// The kernel stores the two timeouts in jiffies and refuses more than INT_MAX of them: 2147483 s with
// HZ=1000, 8589934 s with HZ=250. HZ cannot be queried, so this is the bound for the slowest clock in use,
// HZ=100.
constexpr std::int64_t most_jiffies_s = int_max / 100;

} // namespace

const std::vector<SysctlSpec>& known_sysctls() {
    using enum SysctlType;
    // The kernel accepts -1 for the two timeouts and then waits forever or not at all: refused here.
    // clang-format off
    static const std::vector<SysctlSpec> table{
        {.name = "add_addr_timeout", .maximum = most_jiffies_s, .unit = "s", .in_jiffies = true,
         .kernel_default = "120", .since = "5.11", .help = "wait before an ADD_ADDR is sent again"},
        {.name = "add_addr_v6_port_drop_ts", .type = boolean, .maximum = 1,
         .kernel_default = "1", .since = "7.2", .help = "drop TCP timestamps for a long ADD_ADDR"},
        {.name = "allow_join_initial_addr_port", .type = boolean, .maximum = 1,
         .kernel_default = "1", .since = "5.14", .help = "peers may join the initial address"},
        {.name = "available_path_managers", .type = name, .read_only = true,
         .since = "6.15", .help = "path managers of this kernel"},
        {.name = "available_schedulers", .type = name, .read_only = true,
         .since = "6.10", .help = "packet schedulers of this kernel"},
        {.name = "blackhole_timeout", .maximum = int_max, .unit = "s",
         .kernel_default = "3600", .since = "6.12", .help = "how long MPTCP stays off after a blackhole"},
        {.name = "checksum_enabled", .type = boolean, .maximum = 1,
         .kernel_default = "0", .since = "5.14", .help = "protect data with DSS checksums"},
        {.name = "close_timeout", .maximum = most_jiffies_s, .unit = "s", .in_jiffies = true,
         .kernel_default = "60", .since = "6.7", .help = "how long a connection without subflows is kept"},
        {.name = "enabled", .type = boolean, .maximum = 1,
         .kernel_default = "1", .since = "5.6", .help = "new sockets may use MPTCP"},
        {.name = "path_manager", .type = name, .choices = "available_path_managers", .alias = "pm_type",
         .kernel_default = "kernel", .since = "6.15", .help = "path manager of new connections"},
        {.name = "pm_type", .maximum = 1, .alias = "path_manager",
         .kernel_default = "0", .since = "5.19", .help = "path manager of new connections, before 6.15"},
        {.name = "scheduler", .type = name, .choices = "available_schedulers",
         .kernel_default = "default", .since = "6.6", .help = "packet scheduler of new connections"},
        {.name = "stale_loss_cnt", .maximum = u32_max,
         .kernel_default = "4", .since = "5.15", .help = "retransmissions before a subflow is stale"},
        {.name = "syn_retrans_before_tcp_fallback", .maximum = 255,
         .kernel_default = "2", .since = "6.14", .help = "SYNs with MPTCP before plain TCP"},
    };
    // clang-format on
    return table;
}

const SysctlSpec* find_sysctl(std::string_view name) {
    const auto& table = known_sysctls();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const SysctlSpec& spec) { return spec.name == name; });
    return found == table.end() ? nullptr : &*found;
}

std::string_view kernel_default_of_sysctl(std::string_view name) {
    const SysctlSpec* sysctl = find_sysctl(name);
    return sysctl == nullptr ? std::string_view() : sysctl->kernel_default;
}

std::string alias_of_sysctl(std::string_view name) {
    const SysctlSpec* sysctl = find_sysctl(name);
    return sysctl == nullptr ? std::string() : std::string(sysctl->alias);
}

} // namespace keeper
