// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/host_rivals.hpp"

#include "base/text/path_name.hpp"
#include "daemon/mechanism_reader.hpp"
#include "host_config/host_settings.hpp"
#include "host_config/rivals.hpp"
#include "model/process.hpp"

namespace keeper {

namespace {

/// The name of a unit; FILE:LINE for another file.
std::string name_of(const std::string& file, int line) {
    return file.ends_with(".service") ? base_name(file) : file + ":" + std::to_string(line);
}

std::string rival_over_sysctl(const HostSettings& settings, const Change& change) {
    std::string rival;
    for (const SysctlLine& line : settings.sysctls) {
        if ("net.mptcp." + line.name == change.key && change.after != Value(line.value)) {
            rival = name_of(line.file, line.line);
        }
    }
    return rival;
}

std::string rival_over_limit(const HostSettings& settings, const Change& change) {
    std::string rival;
    for (const LimitLine& line : settings.limits) {
        rival = line.name == change.key ? name_of(line.file, line.line) : rival;
    }
    return rival;
}

/// A command that adds this endpoint or flushes all endpoints.
std::string rival_over_endpoint(const HostSettings& settings, const Change& change) {
    for (const EndpointLine& line : settings.endpoints) {
        if (to_string(line.key) == change.key) {
            return name_of(line.file, line.line);
        }
    }
    for (const EndpointEdit& line : settings.endpoint_edits) {
        if (line.flushes) {
            return name_of(line.file, line.line);
        }
    }
    return "";
}

std::string rival_over(const HostSettings& settings, const Change& change) {
    switch (change.resource) {
    case Resource::sysctl:
        return rival_over_sysctl(settings, change);
    case Resource::limit:
        return rival_over_limit(settings, change);
    case Resource::endpoint:
        return rival_over_endpoint(settings, change);
    case Resource::profile:
        return settings.profile_lines.empty() ? "" : settings.profile_lines.front();
    case Resource::unit:
    case Resource::program_hook:
        return "";
    }
    return "";
}

} // namespace

std::string HostRivals::likely_rival(const Change& change) {
    if (change.undone_by_network_manager) {
        return "NetworkManager's sync";
    }
    const std::vector<MechanismFile> files = read_mechanism_files(host_, "");
    // A unit that is not enabled may have been started by hand.
    for (const WithIdle with_idle : {WithIdle::no, WithIdle::yes}) {
        const std::string rival = rival_over(settings_of(files, with_idle), change);
        if (!rival.empty()) {
            return rival;
        }
    }
    if (change.resource == Resource::profile || change.resource == Resource::unit ||
        change.resource == Resource::program_hook) {
        return "another program";
    }
    const auto pid = host_.find_process("mptcpd");
    return pid ? describe_process("mptcpd", *pid) : "another program";
}

std::vector<std::string> HostRivals::on_disk(const DesiredState& desired) {
    return rivals_on_disk(desired, settings_of(read_mechanism_files(host_, ""), WithIdle::no));
}

} // namespace keeper
