#include "applications/disabling.hpp"

namespace keeper {

namespace {

std::string who(const ObservedProcess& process) {
    return process.name + " (pid " + std::to_string(process.pid) +
           (process.unit.empty() ? "" : ", " + process.unit) + ")";
}

std::string what_happens(const ObservedProcess& process) {
    if (process.mptcp_sockets == 0) {
        return "is preloaded with libmptcpwrap: its next socket fails";
    }
    const std::string number = std::to_string(process.mptcp_sockets);
    return "holds " + number + (process.mptcp_sockets == 1 ? " MPTCP socket" : " MPTCP sockets") +
           ", which go on; its next one fails unless it can do with TCP";
}

} // namespace

bool declares_disabling(const DesiredState& desired) {
    const auto enabled = desired.sysctls.find("enabled");
    return enabled != desired.sysctls.end() && enabled->second.value == "0";
}

ProcessQuery processes_hit_by_disabling() {
    ProcessQuery query;
    query.with_program = false;
    return query;
}

std::vector<std::string> broken_by_disabling(const DesiredState& desired, const ProcessList& running) {
    std::vector<std::string> sentences;
    if (!declares_disabling(desired)) {
        return sentences;
    }
    const std::string place = to_string(desired.sysctls.at("enabled").source) + ": MPTCP is switched off: ";
    for (const ObservedProcess& process : running.processes) {
        // Go falls back to TCP by itself where the kernel refuses, so that its variable alone breaks nothing.
        if (process.same_network && (process.mptcp_sockets > 0 || process.has_preload)) {
            sentences.push_back(place + who(process) + " " + what_happens(process));
        }
    }
    if (running.unreadable > 0) {
        sentences.push_back(
            place + "the sockets of " + std::to_string(running.unreadable) +
            " more processes may not be looked at here; `mptcp-keeper diff`, run as root, names them");
    }
    return sentences;
}

} // namespace keeper
