// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/unit_drop_ins.hpp"

#include <algorithm>
#include <charconv>

#include "applications/declared_units.hpp"
#include "applications/socket_units.hpp"
#include "applications/systemd_boolean.hpp"
#include "base/text/lines.hpp"

namespace keeper {

namespace {

/// A glob does not match socket units without TCP addresses.
bool can_be_globbed(const std::string& unit, const ObservedUnits& host) {
    const auto sockets = host.sockets.find(unit);
    return !unit.ends_with(".socket") || (sockets != host.sockets.end() && !sockets->second.tcp.empty());
}

/// The comment and the ordering. If MPTCP is off when the kernel starts, the boot unit switches it on, so
/// sockets must wait for it. Except those of units without default dependencies: the boot unit itself waits
/// for some of them, and systemd would break such a cycle by not starting one of the units.
std::string preamble(const Source& source, bool is_early) {
    return "# Written by mptcp-keeper for " + to_string(source) + "\n" +
           (is_early ? "" : "[Unit]\nAfter=mptcp-keeper-boot.service\n");
}

/// The path of the file with the variables, for EnvironmentFile=. That is a pattern (glob(7)), in which the
/// backslash of an escaped instance name must be escaped once more.
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

constexpr std::string_view mptcp_step = " set %n\n";
constexpr std::string_view tcp_step = " set-tcp %n\n";

std::string service_text(const std::string& unit, UnitProtocol protocol) {
    const std::string program(unit_environment_program);
    const std::string step(protocol == UnitProtocol::tcp ? tcp_step : mptcp_step);
    // systemd reads the file again before each step: after the first step has removed the file of an earlier
    // run, the second sees the unit's own variables, however they are set. "+" runs the step as root, and "-"
    // ignores its failure.
    return "[Service]\nExecStartPre=+-" + program + " forget %n\nExecStartPre=+-" + program + step +
           "EnvironmentFile=-" + environment_path(unit) + "\nExecStopPost=+-" + program + " forget %n\n";
}

constexpr const char* socket_text = "[Socket]\nSocketProtocol=mptcp\n";

struct DropInMaker {
    const std::map<std::string, Source>& units;
    const std::map<std::string, Source>& never;
    const ObservedUnits& host;
    const std::set<std::string>& early;
    UnitDropIns result = {};

    /// The units that an entry means; an unknown name is a problem, and counts if it may be a service.
    std::vector<std::string>
    units_of(const std::string& name, const Source& source, const std::map<std::string, Source>& list) {
        std::vector<std::string> meant = units_meant_by(name, host);
        if (meant.empty() && !means_others(name, list)) {
            result.problems.push_back(
                to_string(source) + ": " +
                (is_glob(name) ? "no unit matches " + name : "unit " + name + " does not exist"));
        }
        if (meant.empty() && name.ends_with(".service") && !is_glob(name)) {
            meant.push_back(name);
        }
        return meant;
    }
    void turn(const std::string& unit, const Source& source) {
        const bool is_socket = unit.ends_with(".socket");
        const std::string problem = is_socket ? why_not_mptcp(unit, host) : "";
        if (!problem.empty()) {
            result.problems.push_back(to_string(source) + ": " + unit + " cannot use MPTCP: " + problem);
        } else if (is_socket || unit.ends_with(".service")) {
            const bool is_early = early.count(unit) + early.count(template_of(unit)) > 0;
            const std::string text = preamble(source, is_early) +
                                     (is_socket ? socket_text : service_text(unit, UnitProtocol::mptcp));
            result.drop_ins.emplace(unit, UnitDropIn{text, to_string(source)});
        }
    }
    /// A socket unit needs none: it is not turned, and systemd does not let a drop-in reset
    /// SocketProtocol=mptcp.
    void keep(const std::string& unit, const Source& source) {
        constexpr bool is_early = true; // MPTCP need not be on
        if (unit.ends_with(".service")) {
            const std::string text = preamble(source, is_early) + service_text(unit, UnitProtocol::tcp);
            result.drop_ins.emplace(unit, UnitDropIn{text, to_string(source), UnitProtocol::tcp});
        }
    }
};

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
    const std::set<std::string>& early,
    const std::map<std::string, Source>& never) {
    DropInMaker maker{.units = declared, .never = never, .host = host, .early = early};
    for (const auto& [name, source] : never) {
        for (const std::string& unit : maker.units_of(name, source, never)) {
            if (stays_on_tcp(unit, declared, never)) {
                maker.keep(unit, source);
            }
        }
    }
    for (const auto& [name, source] : declared) {
        for (const std::string& unit : maker.units_of(name, source, declared)) {
            if (!stays_on_tcp(unit, declared, never)) {
                maker.turn(unit, source);
            }
        }
    }
    return std::move(maker.result);
}

UnitProtocol protocol_of_drop_in(std::string_view text) {
    const bool is_mptcp = text.find(mptcp_step) != text.npos || text.find(socket_text) != text.npos;
    return is_mptcp ? UnitProtocol::mptcp : UnitProtocol::tcp;
}

std::string_view to_string(UnitProtocol protocol) {
    switch (protocol) {
    case UnitProtocol::mptcp:
        return "mptcp";
    case UnitProtocol::tcp:
        return "tcp";
    }
    return "";
}

bool has_drop_in(const std::string& unit, const UnitDropIns& drop_ins) {
    return find_unit_or_template(unit, drop_ins.drop_ins) != drop_ins.drop_ins.end();
}

bool has_drop_in_for(const std::string& unit, const ObservedUnits& host, UnitProtocol protocol) {
    const auto loaded = find_unit_or_template(unit, host.drop_ins);
    return loaded != host.drop_ins.end() && protocol_of_drop_in(loaded->second) == protocol;
}

bool does_the_same(const std::string& one, const std::string& other) {
    const auto without_preamble = [](const std::string& text) { // [Service] or [Socket] follows
        return std::string_view(text).substr(std::min(text.find("\n[S"), text.size()));
    };
    return without_preamble(one) == without_preamble(other);
}

bool lacks_default_dependencies(std::string_view text) {
    constexpr std::string_view key = "DefaultDependencies";
    bool lacks = false;
    while (!text.empty()) {
        std::string_view line = trimmed(take_line(text));
        if (!line.starts_with(key)) {
            continue;
        }
        line = trimmed(line.substr(key.size()));
        if (line.starts_with('=')) {
            const auto is_set = parse_systemd_boolean(trimmed(line.substr(1)));
            lacks = is_set ? !*is_set : lacks;
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
