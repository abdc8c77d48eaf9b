#include "applications/socket_units.hpp"
#include "applications/declared_units.hpp"
#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

struct Named {
    std::string socket;
    std::string service;
};

Named names_of(const HostFile& unit) {
    const std::string name = unit.path.substr(unit.path.rfind('/') + 1);
    return {name, name.substr(0, name.rfind('.')) + ".service"};
}

bool is_declared_unit(const Facts& facts, const std::string& unit) {
    return facts.desired && declares_unit(facts.desired->units, unit);
}

/// Somebody wants it to be MPTCP: asked for it, or declared it or its service. TCP is all right else.
bool is_wanted(const Facts& facts, const Named& names) {
    return facts.asked_unit == names.socket || facts.asked_unit == names.service ||
           facts.asked_unit + ".service" == names.service || is_declared_unit(facts, names.socket) ||
           is_declared_unit(facts, names.service);
}

/// What makes it MPTCP.
std::string fix_for(const Facts& facts, const SocketUnit& unit, const Named& names, bool is_told) {
    if (facts.first_systemd_with_mptcp_sockets != 0) {
        return "systemctl disable --now " + names.socket + " && systemctl enable --now " + names.service +
               "   # where it can listen by itself: systemd " +
               std::to_string(facts.first_systemd_with_mptcp_sockets) +
               " is the first that makes MPTCP sockets";
    }
    if (!why_not_mptcp(unit).empty()) {
        return "# " + names.socket + ": " + why_not_mptcp(unit) +
               "; give its TCP addresses a unit of their own";
    }
    if (is_told || is_declared_unit(facts, names.socket)) {
        return std::string(is_told ? "" : "systemctl daemon-reload && ") + "systemctl stop " + names.service +
               " && systemctl restart " + names.socket;
    }
    return declare_unit(facts, names.socket);
}

} // namespace

Findings socket_units(const Facts& facts) {
    Findings findings;
    for (const HostFile& file : facts.socket_units) {
        const Named names = names_of(file);
        const SocketUnit unit = parse_socket_unit(file.text, names.socket);
        const bool is_told = asks_for_mptcp(file.text);
        const SocketUnitState state =
            facts.listeners ? state_of_sockets(unit, *facts.listeners) : SocketUnitState::closed;
        if (unit.tcp.empty() || state == SocketUnitState::mptcp ||
            (is_told && state == SocketUnitState::closed)) {
            continue;
        }
        findings.push_back(
            {FindingCode::socket_unit_tcp,
             is_wanted(facts, names) ? Severity::warning : Severity::info,
             names.socket,
             file.path + " listens on port " + std::to_string(unit.tcp.front().port) + " in plain TCP" +
                 (is_told ? ", although it says SocketProtocol=mptcp: systemd made the socket before"
                          : ": systemd makes that socket and hands it to " + names.service +
                                ", where libmptcpwrap comes too late"),
             fix_for(facts, unit, names, is_told)});
    }
    return findings;
}

} // namespace keeper::rules
