// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/incompatible_programs.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"
#include "applications/unit_states.hpp"
#include "plan/planner.hpp"

namespace keeper::planner {

namespace {

using ChangesByUnit = std::map<std::string, Change>;

Value value_of(UnitProtocol protocol) {
    return std::string(to_string(protocol));
}

UnitProtocol other_than(UnitProtocol protocol) {
    return protocol == UnitProtocol::mptcp ? UnitProtocol::tcp : UnitProtocol::mptcp;
}

Change unit_change(const std::string& unit, const std::string& source, UnitProtocol protocol) {
    Change change;
    change.resource = Resource::unit;
    change.key = unit;
    change.source = source;
    change.after = value_of(protocol);
    return change;
}

void require_reload(Change& change, const Input& input) {
    ChangeUnit action{.unit = change.key, .reload = true, .restart = false};
    change.note = "systemctl daemon-reload regenerates its drop-in";
    if (input.scope.is_candidate) {
        change.actionability = Actionability::deferred;
        change.note =
            "unit drop-ins are generated from /etc/mptcp-keeper only; --config does not affect them";
    } else if (!input.observed.units->has_generator) {
        change.actionability = Actionability::blocked;
        change.note = std::string(generator_path) + ", which writes the drop-ins, is not installed";
    } else {
        change.action = std::move(action);
    }
}

/// Drop-ins that systemd has not loaded yet, and those of units that are no longer declared.
void plan_drop_ins(const Input& input, ChangesByUnit& changes) {
    const ObservedUnits& units = *input.observed.units;
    const UnitDropIns wanted = make_unit_drop_ins(input.desired.units, units, {}, input.desired.never);
    for (const auto& [unit, drop_in] : wanted.drop_ins) {
        const auto back = units.taken_back.find(unit);
        const bool is_taken_back = drop_in.protocol == UnitProtocol::mptcp && back != units.taken_back.end();
        const bool try_again =
            is_taken_back && input.scope.restart_units && back->second == taken_back_with_others;
        const std::string text = is_taken_back && !try_again ? taken_back_text() : drop_in.text;
        const auto there = units.drop_ins.find(unit);
        if (there == units.drop_ins.end() || !does_the_same(there->second, text)) {
            Change& change =
                changes.emplace(unit, unit_change(unit, drop_in.source, drop_in.protocol)).first->second;
            require_reload(change, input);
            if (auto* action = std::get_if<ChangeUnit>(&change.action)) {
                action->try_again = try_again;
            }
        }
    }
    for (const auto& [unit, text] : units.drop_ins) {
        if (units.taken_back.count(unit) != 0 && has_drop_in(unit, wanted)) {
            continue; // its template's drop-in is declared
        }
        if (wanted.drop_ins.count(unit) == 0 && !input.scope.is_candidate) {
            const UnitProtocol protocol = protocol_of_drop_in(text);
            Change& change = changes.emplace(unit, unit_change(unit, "", protocol)).first->second;
            change.before = value_of(protocol);
            change.after = std::monostate{};
            require_reload(change, input);
            change.note +=
                "; no longer declared; running processes keep their sockets until they are restarted";
        }
    }
}

void require_restart(Change& change, const UnitStatus& status, const Input& input) {
    change.before = value_of(other_than(status.protocol));
    if (change.actionability != Actionability::actionable) {
        return; // without its drop-in a restart would have no effect
    }
    if (!input.scope.restart_units) {
        // The drop-in comes first; the restart is deferred once the drop-in exists.
        if (!std::holds_alternative<ChangeUnit>(change.action)) {
            change.actionability = Actionability::deferred;
        }
        change.note = status.reason;
        return;
    }
    const bool reloads = std::holds_alternative<ChangeUnit>(change.action);
    change.action = ChangeUnit{.unit = change.key, .reload = reloads, .restart = true};
    change.note = reloads ? "by systemctl daemon-reload and a restart" : "by a restart";
    change.impact = Impact::connections_may_close;
    change.connections_affected = status.sockets;
}

/// A unit that fails since it was declared is not as declared after a restart; it is not restarted again.
template <class MakeChange>
void report_failure(const Input& input, const UnitStatus& status, MakeChange change, Plan& plan) {
    if (!input.scope.restart_units) {
        plan.warnings.push_back(status.source + ": " + status.unit + ": " + status.reason);
        return;
    }
    Change& blocked = change();
    if (std::holds_alternative<std::monostate>(blocked.action)) {
        blocked.action = ChangeUnit{.unit = status.unit, .restart = true}; // what --atomic undoes
        blocked.actionability = Actionability::blocked;
        blocked.note = status.reason;
    }
}

/// A unit that was taken back gets its drop-in only together with a restart.
void try_again(const Input& input, const UnitStatus& status, Change& change) {
    if (input.scope.restart_units && std::holds_alternative<std::monostate>(change.action)) {
        require_reload(change, input);
    }
    require_restart(change, status, input);
    if (auto* action = std::get_if<ChangeUnit>(&change.action); action != nullptr && action->restart) {
        action->try_again = true;
    }
}

/// Declared units that are known not to work with MPTCP sockets.
void warn_of_incompatible_units(const std::vector<UnitStatus>& states, Plan& plan) {
    for (const UnitStatus& status : states) {
        const std::string warning = status.protocol == UnitProtocol::mptcp
                                        ? warning_of_incompatible_unit(status.unit, status.executable)
                                        : "";
        if (!warning.empty()) {
            plan.warnings.push_back(status.source + ": " + warning);
        }
    }
}

void plan_state(const Input& input, const UnitStatus& status, ChangesByUnit& changes, Plan& plan) {
    const auto change = [&]() -> Change& {
        return changes.emplace(status.unit, unit_change(status.unit, status.source, status.protocol))
            .first->second;
    };
    switch (status.state) {
    case UnitState::in_effect:
        break;
    case UnitState::not_running:
        if (status.fails_with_mptcp) {
            report_failure(input, status, change, plan);
        }
        break;
    case UnitState::unknown:
        plan.warnings.push_back(status.source + ": " + status.unit + ": " + status.reason);
        break;
    case UnitState::needs_restart:
        require_restart(change(), status, input);
        break;
    case UnitState::not_found:
        if (changes.count(status.unit) == 0) {
            change().actionability = Actionability::deferred;
            change().note = status.reason;
        }
        break;
    case UnitState::ineffective:
        if (status.may_be_tried_again) {
            try_again(input, status, change());
        } else if (changes.count(status.unit) == 0) {
            change().before = value_of(other_than(status.protocol));
            change().actionability = status.is_refused ? Actionability::blocked : Actionability::unsupported;
            change().note = status.reason;
        }
        break;
    }
}

} // namespace

void plan_units(const Input& input, Plan& plan) {
    if (!input.observed.units) {
        return;
    }
    const ObservedUnits& units = *input.observed.units;
    ChangesByUnit changes;
    if (units.systemd_runs) {
        plan_drop_ins(input, changes);
    }
    if (input.observed.programs) {
        const std::vector<UnitStatus> states =
            unit_states(input.desired.units, units, *input.observed.programs, input.desired.never);
        for (const UnitStatus& status : states) {
            plan_state(input, status, changes, plan);
        }
        warn_of_incompatible_units(states, plan);
    }
    for (auto& [unit, change] : changes) {
        plan.changes.push_back(std::move(change));
    }
}

} // namespace keeper::planner
