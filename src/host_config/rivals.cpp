#include "host_config/rivals.hpp"

#include <map>

#include "host_config/text.hpp"
#include "host_config/unit_leftovers.hpp"

namespace keeper {

namespace {

using Texts = std::vector<std::string>;

std::string place(const std::string& file, int line) {
    return file + ":" + std::to_string(line);
}

std::string retirement_of(const std::string& file) {
    return file.ends_with(".service") && !is_drop_in(file)
               ? "; `systemctl disable --now " + host_text::base_name(file) + "` retires it"
               : "; remove that line";
}

std::string words_of(EndpointFlags flags) {
    std::string words;
    for (const std::string& name : names(flags)) {
        words += (words.empty() ? "" : ",") + name;
    }
    return words.empty() ? "none" : words;
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
                place(line.file, line.line) + " sets net.mptcp." + name + " to " + line.value +
                " at boot, and " + to_string(declared->second.source) + " declares " +
                declared->second.value + "; remove that line");
        }
    }
}

void add_limits(const DesiredState& desired, const HostSettings& settings, Texts& result) {
    for (const LimitLine& line : settings.limits) {
        const auto& declared = line.name == "subflows" ? desired.subflows : desired.add_addr_accepted;
        if (declared && std::to_string(declared->value) != line.value) {
            result.push_back(
                place(line.file, line.line) + " sets the limit " + line.name + " to " + line.value +
                ", and " + to_string(declared->source) + " declares " + std::to_string(declared->value) +
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
            place(line.file, line.line) + " adds the endpoint " + to_string(line.key) + " with the flags " +
            words_of(line.flags) + ", and " + to_string(declared->second.source) +
            (declared->second.absent ? " declares it absent"
                                     : " declares the flags " + words_of(declared->second.flags)) +
            retirement_of(line.file));
    }
    const bool declares_any = !desired.endpoints.empty() || !desired.profiles.empty();
    for (const EndpointEdit& line : settings.endpoint_edits) {
        if (line.flushes && declares_any) {
            result.push_back(
                place(line.file, line.line) +
                " flushes all endpoints of the host, including those that are declared" +
                retirement_of(line.file));
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
                " sets connection.mptcp-flags, and the section profiles declares them; remove that line");
        }
    }
    return result;
}

} // namespace keeper
