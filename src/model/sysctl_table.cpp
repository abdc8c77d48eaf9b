#include "model/sysctl_table.hpp"

#include <algorithm>
#include <map>

namespace keeper {

namespace {

constexpr std::int64_t int_max = 2147483647;
constexpr std::int64_t u32_max = 4294967295;
// The kernel keeps the two time-outs in jiffies and refuses more than INT_MAX of them: 2147483 s with
// HZ=1000, 8589934 s with HZ=250. HZ cannot be asked for, so that this is the bound of the slowest clock in
// use, HZ=100.
constexpr std::int64_t most_jiffies_s = int_max / 100;

} // namespace

const std::vector<SysctlSpec>& known_sysctls() {
    using enum SysctlType;
    // The kernel takes -1 for the two time-outs and then waits for ever or not at all: refused here.
    static const std::vector<SysctlSpec> table{
        {"add_addr_timeout",
         integer,
         0,
         most_jiffies_s,
         false,
         "5.11",
         "s",
         "wait before an ADD_ADDR is sent again"},
        {"add_addr_v6_port_drop_ts",
         boolean,
         0,
         1,
         false,
         "7.2",
         "",
         "drop TCP timestamps for a long ADD_ADDR"},
        {"allow_join_initial_addr_port",
         boolean,
         0,
         1,
         false,
         "5.14",
         "",
         "peers may join the initial address"},
        {"available_path_managers", name, 0, 0, true, "6.15", "", "path managers of this kernel"},
        {"available_schedulers", name, 0, 0, true, "6.10", "", "packet schedulers of this kernel"},
        {"blackhole_timeout",
         integer,
         0,
         int_max,
         false,
         "6.12",
         "s",
         "how long MPTCP stays off after a blackhole"},
        {"checksum_enabled", boolean, 0, 1, false, "5.14", "", "protect data with DSS checksums"},
        {"close_timeout",
         integer,
         0,
         most_jiffies_s,
         false,
         "6.7",
         "s",
         "how long a connection without subflows is kept"},
        {"enabled", boolean, 0, 1, false, "5.6", "", "new sockets may use MPTCP"},
        {"path_manager", name, 0, 0, false, "6.15", "", "path manager of new connections"},
        {"pm_type", integer, 0, 1, false, "5.19", "", "path manager of new connections, before 6.15"},
        {"scheduler", name, 0, 0, false, "6.6", "", "packet scheduler of new connections"},
        {"stale_loss_cnt",
         integer,
         0,
         u32_max,
         false,
         "5.15",
         "",
         "retransmissions before a subflow is stale"},
        {"syn_retrans_before_tcp_fallback",
         integer,
         0,
         255,
         false,
         "6.14",
         "",
         "SYNs with MPTCP before plain TCP"},
    };
    return table;
}

const SysctlSpec* find_sysctl(std::string_view name) {
    const auto& table = known_sysctls();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const SysctlSpec& spec) { return spec.name == name; });
    return found == table.end() ? nullptr : &*found;
}

std::string_view kernel_default_of_sysctl(std::string_view name) {
    static const std::map<std::string_view, std::string_view> defaults{
        {"add_addr_timeout", "120"},
        {"add_addr_v6_port_drop_ts", "1"},
        {"allow_join_initial_addr_port", "1"},
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
    const auto found = defaults.find(name);
    return found == defaults.end() ? std::string_view() : found->second;
}

std::string alias_of_sysctl(const std::string& name) {
    if (name == "path_manager") {
        return "pm_type";
    }
    return name == "pm_type" ? "path_manager" : "";
}

} // namespace keeper
