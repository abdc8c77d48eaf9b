#include "applications/unit_drop_ins.hpp"

#include <algorithm>
#include <charconv>

#include "applications/declared_units.hpp"
#include "applications/socket_units.hpp"
#include "base/text/text.hpp"

namespace keeper {

namespace {

/// A glob means no socket unit without TCP addresses.
bool can_be_globbed(const std::string& unit, const ObservedUnits& host) {
    const auto sockets = host.sockets.find(unit);
    return !unit.ends_with(".socket") || (sockets != host.sockets.end() && !sockets->second.tcp.empty());
}

/// Where MPTCP is off when the kernel starts, the boot unit switches it on: sockets wait for that. Except
/// those of units without default dependencies: everything that the boot unit itself waits for is one of
/// them, and systemd would break such a cycle by not starting something.
std::string head(const Source& source, bool is_early) {
    return "# Written by mptcp-keeper for " + to_string(source) + "\n" +
           (is_early ? "" : "[Unit]\nAfter=mptcp-keeper-boot.service\n");
}

/// Of the variables' file, in the notation of EnvironmentFile=: that is a pattern (glob(7)), where the
/// backslash of an escaped instance name has to be escaped once more.
std::string environment_path(const std::string& unit) {
    std::string name = "%n";
    if (unit.find('\\') != std::string::npos) {
        name.clear();
        for (const char letter : unit) {
            name += letter == '\\' ? std::string("\\\\") : std::string(1, letter);
        }
    }
    return std::string(unit_environment_folder) + "/" + name;
}

std::string service_text(const std::string& unit) {
    const std::string program(unit_environment_program);
    // Before each step systemd reads the file anew: once what an earlier run may have left is gone, the
    // second step sees what the unit itself brings, whatever sets it. + and - : with all rights, and a
    // failure of it is no failure of the unit.
    return "[Service]\nExecStartPre=+-" + program + " forget %n\nExecStartPre=+-" + program +
           " set %n\nEnvironmentFile=-" + environment_path(unit) + "\nExecStopPost=+-" + program +
           " forget %n\n";
}

constexpr const char* socket_text = "[Socket]\nSocketProtocol=mptcp\n";

} // namespace

std::vector<std::string> units_meant_by(const std::string& name, const ObservedUnits& host) {
    std::vector<std::string> units;
    for (const std::string& unit : host.known) {
        if (is_glob(name) && means_unit(name, unit) && can_be_globbed(unit, host)) {
            units.push_back(unit);
        } else if (!is_glob(name) && (unit == name || unit == template_of(name))) {
            return {name};
        }
    }
    return units;
}

UnitDropIns make_unit_drop_ins(
    const std::map<std::string, Source>& declared,
    const ObservedUnits& host,
    const std::set<std::string>& early) {
    UnitDropIns result;
    for (const auto& [name, source] : declared) {
        std::vector<std::string> units = units_meant_by(name, host);
        if (units.empty() && !means_others(name, declared)) {
            result.problems.push_back(
                to_string(source) + ": " +
                (is_glob(name) ? "no unit matches " + name : "there is no unit " + name));
        }
        if (units.empty() && name.ends_with(".service") && !is_glob(name)) {
            units.push_back(name);
        }
        for (const std::string& unit : units) {
            const bool is_socket = unit.ends_with(".socket");
            const std::string problem = is_socket ? why_not_mptcp(unit, host) : "";
            if (!problem.empty()) {
                result.problems.push_back(to_string(source) + ": " + unit + " cannot use MPTCP: " + problem);
            } else if (is_socket || unit.ends_with(".service")) {
                const bool is_early = early.count(unit) + early.count(template_of(unit)) > 0;
                const std::string text =
                    head(source, is_early) + (is_socket ? socket_text : service_text(unit));
                result.drop_ins.emplace(unit, UnitDropIn{text, to_string(source)});
            }
        }
    }
    return result;
}

bool has_drop_in(const std::string& unit, const UnitDropIns& drop_ins) {
    return drop_ins.drop_ins.count(unit) != 0 || drop_ins.drop_ins.count(template_of(unit)) != 0;
}

bool does_the_same(const std::string& one, const std::string& other) {
    const auto below_comment = [](const std::string& text) { // and below [Unit], where only the order is
        return std::string_view(text).substr(std::min(text.find("\n[S"), text.size()));
    };
    return below_comment(one) == below_comment(other);
}

bool lacks_default_dependencies(std::string_view text) {
    constexpr std::string_view key = "DefaultDependencies";
    bool lacks = false;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line = trimmed(line);
        if (!line.starts_with(key)) {
            continue;
        }
        line = trimmed(line.substr(key.size()));
        if (line.starts_with('=')) {
            const std::string_view value = trimmed(line.substr(1));
            lacks = value == "no" || value == "false" || value == "0" || value == "off" || value == "n" ||
                    value == "f";
        }
    }
    return lacks;
}

int parse_systemd_version(std::string_view text) {
    constexpr std::string_view prefix = "systemd ";
    int version = 0;
    if (text.starts_with(prefix)) {
        std::from_chars(text.data() + prefix.size(), text.data() + text.size(), version);
    }
    return version;
}

} // namespace keeper
