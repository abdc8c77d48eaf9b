#include "daemon/host_rivals.hpp"

#include "diagnose/leftovers.hpp"

namespace keeper {

std::string HostRivals::rival_over_sysctl(const Change& change) {
    for (const SysctlLine& line : sysctl_lines(host_.sysctl_files())) {
        const bool says_otherwise = change.after != Value(line.value);
        if ("net.mptcp." + line.name == change.key && says_otherwise) {
            return line.file + ":" + std::to_string(line.line) + ", by whoever applies it";
        }
    }
    return "";
}

std::string HostRivals::rival_over_limit(const Change& change) {
    for (const LimitLine& line : limit_lines(host_.own_service_units())) {
        if (line.name == change.key) {
            return line.file.substr(line.file.rfind('/') + 1);
        }
    }
    return "";
}

std::string HostRivals::likely_rival(const Change& change) {
    if (change.undone_by_network_manager) {
        return "NetworkManager's sync";
    }
    std::string rival;
    switch (change.resource) {
    case Resource::sysctl:
        rival = rival_over_sysctl(change);
        break;
    case Resource::limit:
        rival = rival_over_limit(change);
        break;
    case Resource::endpoint:
        break;
    case Resource::profile:
    case Resource::unit:
        return "another program";
    }
    if (rival.empty()) {
        const auto pid = host_.find_process("mptcpd");
        rival = pid ? "mptcpd (pid " + std::to_string(*pid) + ")" : "another program";
    }
    return rival;
}

std::vector<std::string> HostRivals::on_disk(const DesiredState& desired) {
    return rivals_on_disk(
        desired, sysctl_lines(host_.sysctl_files()), limit_lines(host_.own_service_units()));
}

} // namespace keeper
