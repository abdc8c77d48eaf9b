// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/socket_units.hpp"
#include "applications/declared_units.hpp"
#include "base/text/path_name.hpp"
#include "base/text/shell_word.hpp"
#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

struct UnitNames {
    std::string socket;
    std::string service;
};

UnitNames names_of(const std::string& socket, const SocketUnit& unit) {
    const std::string own = socket.substr(0, socket.rfind('.')) + ".service";
    return {socket, unit.service.empty() ? own : unit.service};
}

bool is_declared_unit(const Facts& facts, const std::string& unit) {
    return facts.desired && becomes_mptcp(unit, facts.desired->units, facts.desired->never);
}

/// Whether it, or the service that gets its sockets, is declared under `applications.never`.
bool should_stay_on_tcp(const Facts& facts, const UnitNames& names) {
    return facts.desired && (stays_on_tcp(names.socket, facts.desired->units, facts.desired->never) ||
                             stays_on_tcp(names.service, facts.desired->units, facts.desired->never));
}

/// Whether it should be MPTCP: it was requested by --unit, or it or its service is declared.
bool is_wanted(const Facts& facts, const UnitNames& names) {
    return facts.requested_unit == names.socket || facts.requested_unit == names.service ||
           facts.requested_unit + ".service" == names.service || is_declared_unit(facts, names.socket) ||
           is_declared_unit(facts, names.service);
}

/// The fix that makes its socket MPTCP.
std::string fix_for(const Facts& facts, const SocketUnit& unit, const UnitNames& names, bool sets_mptcp) {
    if (facts.first_systemd_with_mptcp_sockets != 0) {
        return listen_without(names.socket, names.service) +
               "   # if it can listen by itself: MPTCP socket units require systemd " +
               std::to_string(facts.first_systemd_with_mptcp_sockets) + " or later";
    }
    if (!why_not_mptcp(unit).empty()) {
        return "# " + names.socket + ": " + why_not_mptcp(unit) +
               "; move its TCP addresses to a separate unit";
    }
    if (sets_mptcp || is_declared_unit(facts, names.socket)) {
        // The instances of a template hold connections only.
        return std::string(sets_mptcp ? "" : "systemctl daemon-reload && ") +
               (is_template(names.service) ? "" : "systemctl stop " + shell_word(names.service) + " && ") +
               "systemctl restart " + shell_word(names.socket);
    }
    return declare_unit(facts, names.socket);
}

} // namespace

Findings socket_units(const Facts& facts) {
    Findings findings;
    for (const HostFile& file : facts.socket_units) {
        const std::string name = base_name(file.path);
        const SocketUnit unit = parse_socket_unit(file.text, name);
        const UnitNames names = names_of(name, unit);
        const bool sets_mptcp = asks_for_mptcp(file.text);
        const SocketUnitState state =
            facts.listeners ? state_of_sockets(unit, *facts.listeners) : SocketUnitState::closed;
        if (unit.tcp.empty() || should_stay_on_tcp(facts, names) || state == SocketUnitState::mptcp ||
            (sets_mptcp && state == SocketUnitState::closed)) {
            continue;
        }
        findings.push_back(
            {.code = FindingCode::socket_unit_tcp,
             .severity = is_wanted(facts, names) ? Severity::warning : Severity::info,
             .subject = names.socket,
             .evidence =
                 file.path + " listens on port " + std::to_string(unit.tcp.front().port) + " with plain TCP" +
                 (sets_mptcp
                      ? ", although it sets SocketProtocol=mptcp: systemd created the socket before that"
                      : ": systemd creates the socket and passes it to " + names.service +
                            ", where libmptcpwrap is too late"),
             .fix = fix_for(facts, unit, names, sets_mptcp)});
    }
    return findings;
}

} // namespace keeper::rules
