#include "applications/unit_drop_ins.hpp"
#include "applications/unit_states.hpp"
#include "plan/planner.hpp"

namespace keeper::planner {

namespace {

constexpr const char* tcp = "tcp";
constexpr const char* mptcp = "mptcp";

using ChangesByUnit = std::map<std::string, Change>;

Change unit_change(const std::string& unit, const std::string& source) {
    Change change;
    change.resource = Resource::unit;
    change.key = unit;
    change.source = source;
    change.after = std::string(mptcp);
    return change;
}

void must_reload(Change& change, const Input& input) {
    ChangeUnit action{change.key, true, false};
    change.note = "by systemd's daemon-reload, which writes its drop-in anew";
    if (input.scope.is_candidate) {
        change.standing = Standing::deferred;
        change.note = "units follow the files of /etc/mptcp-keeper, of which this one is none";
    } else if (!input.observed.units->has_generator) {
        change.standing = Standing::blocked;
        change.note = std::string(generator_path) + " is not installed, which writes the units' drop-ins";
    } else {
        change.action = std::move(action);
    }
}

/// Drop-ins that systemd has not taken up yet, and those of units that are declared no more.
void plan_drop_ins(const Input& input, ChangesByUnit& changes) {
    const ObservedUnits& units = *input.observed.units;
    const UnitDropIns wanted = make_unit_drop_ins(input.desired.units, units);
    for (const auto& [unit, drop_in] : wanted.drop_ins) {
        const auto there = units.drop_ins.find(unit);
        if (there == units.drop_ins.end() || !does_the_same(there->second, drop_in.text)) {
            must_reload(changes.emplace(unit, unit_change(unit, drop_in.source)).first->second, input);
        }
    }
    for (const auto& [unit, text] : units.drop_ins) {
        if (wanted.drop_ins.count(unit) == 0 && !input.scope.is_candidate) {
            Change& change = changes.emplace(unit, unit_change(unit, "")).first->second;
            change.before = std::string(mptcp);
            change.after = std::monostate{};
            must_reload(change, input);
            change.note += "; no longer declared, what runs keeps its sockets until it is restarted";
        }
    }
}

void must_restart(Change& change, const UnitStatus& status, const Input& input) {
    change.before = std::string(tcp);
    if (change.standing != Standing::actionable) {
        return; // without its drop-in a restart would be for nothing
    }
    if (!input.scope.restart_units) {
        // The drop-in comes first; what is said of the restart is said once that is there.
        if (!std::holds_alternative<ChangeUnit>(change.action)) {
            change.standing = Standing::deferred;
        }
        change.note = status.reason;
        return;
    }
    const bool reloads = std::holds_alternative<ChangeUnit>(change.action);
    change.action = ChangeUnit{change.key, reloads, true};
    change.note = reloads ? "by systemd's daemon-reload and a restart" : "by a restart";
    change.impact = Impact::connections_may_close;
    change.connections_affected = status.sockets;
}

void plan_state(const Input& input, const UnitStatus& status, ChangesByUnit& changes, Plan& plan) {
    const auto change = [&]() -> Change& {
        return changes.emplace(status.unit, unit_change(status.unit, status.source)).first->second;
    };
    switch (status.state) {
    case UnitState::in_effect:
    case UnitState::not_running:
        break;
    case UnitState::unknown:
        plan.warnings.push_back(status.source + ": " + status.unit + ": " + status.reason);
        break;
    case UnitState::needs_restart:
        must_restart(change(), status, input);
        break;
    case UnitState::not_found:
        if (changes.count(status.unit) == 0) {
            change().standing = Standing::deferred;
            change().note = status.reason;
        }
        break;
    case UnitState::ineffective:
        if (changes.count(status.unit) == 0) {
            change().before = std::string(tcp);
            change().standing = status.is_refused ? Standing::blocked : Standing::unsupported;
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
        for (const UnitStatus& status : unit_states(input.desired.units, units, *input.observed.programs)) {
            plan_state(input, status, changes, plan);
        }
    }
    for (auto& [unit, change] : changes) {
        plan.changes.push_back(std::move(change));
    }
}

} // namespace keeper::planner
