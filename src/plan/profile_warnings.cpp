// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/profile_warnings.hpp"

#include "plan/activation_command.hpp"

namespace keeper::planner {

namespace {

bool is_written_by_netplan(const std::string& filename) {
    return filename.find("/netplan-") != std::string::npos;
}

} // namespace

std::optional<std::string> rp_filter_side_effect(const ObservedState& observed, const ManagedDevice& device) {
    const std::string& interface = device.activation->interface;
    const auto own = observed.rp_filter.find(interface);
    // Observed with NetworkManager 1.42: for addresses of either family, it loosens the interface's own value
    // if that is strict, and ignores the value of "all".
    if (device.wanted.empty() || own == observed.rp_filter.end() || own->second != 1) {
        return std::nullopt;
    }
    return "NetworkManager changes net.ipv4.conf." + interface +
           ".rp_filter from 1 to 2 (loose) when it creates endpoints for " + interface +
           "; `mptcp-flags: disabled` restores 1, unless NetworkManager was restarted since";
}

std::optional<std::string> memory_only_warning(const Profile& profile, MptcpFlags declared) {
    const bool is_in_memory =
        profile.storage == ProfileStorage::memory || profile.storage == ProfileStorage::run;
    if (!is_in_memory || is_written_by_netplan(profile.filename)) {
        return std::nullopt;
    }
    return "NetworkManager keeps this profile in memory only, so its flags are lost at the next boot and "
           "must "
           "be applied again; `" +
           save_command(profile, declared) + "` saves the profile permanently";
}

} // namespace keeper::planner
