// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/disabling.hpp"

namespace keeper {

namespace {

std::string effect_of_disabling(const ObservedProcess& process) {
    if (process.mptcp_sockets == 0) {
        return "has libmptcpwrap preloaded: its next socket will fail";
    }
    const std::string number = std::to_string(process.mptcp_sockets);
    return "has " + number + " MPTCP " + (process.mptcp_sockets == 1 ? "socket" : "sockets") +
           "; open sockets continue to work, but its next one will fail unless it falls back to TCP";
}

} // namespace

bool declares_disabling(const DesiredState& desired) {
    const auto enabled = declared_enabled(desired);
    return enabled && !enabled->value;
}

ProcessQuery processes_hit_by_disabling() {
    ProcessQuery query;
    query.with_program = false;
    return query;
}

std::vector<std::string> broken_by_disabling(const DesiredState& desired, const ProcessList& running) {
    std::vector<std::string> warnings;
    if (!declares_disabling(desired)) {
        return warnings;
    }
    const std::string place = to_string(declared_enabled(desired)->source) + ": MPTCP is disabled: ";
    for (const ObservedProcess& process : running.processes) {
        // Go falls back to TCP if the kernel refuses MPTCP, so its variable alone breaks nothing.
        if (process.same_network && (process.mptcp_sockets > 0 || process.has_preload)) {
            warnings.push_back(place + describe(process) + " " + effect_of_disabling(process));
        }
    }
    if (running.unreadable > 0) {
        warnings.push_back(
            place + "the sockets of " + std::to_string(running.unreadable) +
            (running.unreadable == 1 ? " more process" : " more processes") +
            " could not be read; run `mptcp-keeper diff` as root to list them");
    }
    return warnings;
}

} // namespace keeper
