// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/rivals.hpp"

#include <map>

#include "base/text/join.hpp"
#include "base/text/path_name.hpp"
#include "host_config/unit_leftovers.hpp"

namespace keeper {

namespace {

using Texts = std::vector<std::string>;

std::string location(const std::string& file, int line) {
    return file + ":" + std::to_string(line);
}

std::string retirement_of(const std::string& file) {
    return file.ends_with(".service") && !is_drop_in(file)
               ? "; disable it with `systemctl disable --now " + base_name(file) + "`"
               : "; remove that line";
}

std::string text_of_flags(EndpointFlags flags) {
    return flags.empty() ? "none" : joined(names(flags), ",");
}

void add_sysctls(const DesiredState& desired, const HostSettings& settings, Texts& result) {
    std::map<std::string, SysctlLine> last;
    for (const SysctlLine& line : settings.sysctls) {
        last[line.name] = line;
    }
    for (const auto& [name, line] : last) {
        const auto declared = desired.sysctls.find(name);
        if (declared != desired.sysctls.end() && declared->second.value != line.value) {
            result.push_back(
                location(line.file, line.line) + " sets net.mptcp." + name + " to " + line.value +
                " at boot, but " + to_string(declared->second.source) + " declares " +
                declared->second.value + "; remove that line");
        }
    }
}

void add_limits(const DesiredState& desired, const HostSettings& settings, Texts& result) {
    for (const LimitLine& line : settings.limits) {
        const auto& declared = line.name == "subflows" ? desired.subflows : desired.add_addr_accepted;
        if (declared && std::to_string(declared->value) != line.value) {
            result.push_back(
                location(line.file, line.line) + " sets the limit " + line.name + " to " + line.value +
                ", but " + to_string(declared->source) + " declares " + std::to_string(declared->value) +
                retirement_of(line.file));
        }
    }
}

void add_endpoints(const DesiredState& desired, const HostSettings& settings, Texts& result) {
    for (const EndpointLine& line : settings.endpoints) {
        const auto declared = desired.endpoints.find(line.key);
        if (declared == desired.endpoints.end() ||
            (!declared->second.absent && declared->second.flags == line.flags)) {
            continue;
        }
        result.push_back(
            location(line.file, line.line) + " adds the endpoint " + to_string(line.key) +
            " with the flags " + text_of_flags(line.flags) + ", but " + to_string(declared->second.source) +
            (declared->second.absent ? " declares it absent"
                                     : " declares the flags " + text_of_flags(declared->second.flags)) +
            retirement_of(line.file));
    }
    const bool declares_any = !desired.endpoints.empty() || !desired.profiles.empty();
    for (const EndpointEdit& line : settings.endpoint_edits) {
        if (line.flushes && declares_any) {
            result.push_back(
                location(line.file, line.line) +
                " flushes all endpoints of the host, including the declared ones" + retirement_of(line.file));
        }
    }
}

} // namespace

std::vector<std::string> rivals_on_disk(const DesiredState& desired, const HostSettings& settings) {
    Texts result;
    add_sysctls(desired, settings, result);
    add_limits(desired, settings, result);
    add_endpoints(desired, settings, result);
    if (!desired.profiles.empty()) {
        for (const std::string& where : settings.profile_lines) {
            result.push_back(
                where +
                " sets connection.mptcp-flags, but the profiles section declares them; remove that line");
        }
    }
    return result;
}

} // namespace keeper
