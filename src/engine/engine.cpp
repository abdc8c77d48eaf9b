// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine.hpp"

#include "engine/convergence.hpp"
#include "engine/observer.hpp"
#include "plan/ownership_record.hpp"

namespace keeper {

Result<Observation> Engine::observe(const Scope& scope, const Look& look) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    return observe_host(ports_, scope, look, std::move(*record));
}

Observation Engine::observe_best_effort(const Scope& scope, const Look& look) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (record) {
        return observe_host(ports_, scope, look, std::move(*record));
    }
    Observation observation = observe_host(ports_, scope, look, {});
    observation.warnings.push_back(
        "mptcp-keeper's record of its changes could not be read: " + record.error().message);
    return observation;
}

Result<Observation> Engine::observe(const Scope& scope, const DesiredState& desired, const Look& look) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    const Scope needed = needed_scope(scope, desired, *record);
    return observe_host(ports_, needed, look, std::move(*record));
}

Plan Engine::plan(const DesiredState& desired, Observation& observation, const Scope& scope) {
    return plan_for(ports_, desired, observation, scope);
}

Result<ApplyReport> Engine::apply(const DesiredState& desired, const ApplyOptions& options) {
    auto found = observe(options.scope, desired);
    if (!found) {
        return propagate(found);
    }
    return Convergence(ports_, desired, options, std::move(*found)).run();
}

Result<AppliedHost>
Engine::apply(const DesiredState& desired, const ApplyOptions& options, Observation found) {
    Convergence convergence(ports_, desired, options, std::move(found));
    auto report = convergence.run();
    if (!report) {
        return propagate(report);
    }
    return AppliedHost{.report = std::move(*report), .last = convergence.take_last()};
}

Result<ApplyReport> Engine::reset() {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    const ObservedProgramHook hook = ports_.program_hook.observe(false);
    if (record->empty() && !hook.is_attached && hook.prepared.empty()) {
        if (record->kernel != KernelBounds{}) {
            record->kernel = {};
            if (auto saved = ports_.state.save(*record); !saved) {
                return propagate(saved);
            }
        }
        ApplyReport nothing_to_do;
        nothing_to_do.verified = true;
        return nothing_to_do;
    }
    Ownership found = *record;
    ApplyOptions options;
    Observation observation =
        observe_host(ports_, needed_scope(options.scope, {}, found), {}, std::move(*record));
    if (!found.displaced.empty() && !observation.state.links) {
        return fail(
            "nothing was changed, because the interfaces of the endpoints to restore are unknown: " +
            observation.state.links.reason());
    }
    const DesiredState desired = desired_before_keeper(found, observation.state);
    Convergence convergence(ports_, desired, options, std::move(observation));
    auto report = convergence.run();
    if (!report || report->failed) {
        return report;
    }
    Ownership forgotten;
    forgotten.boot_id = found.boot_id;
    // Another program's endpoint whose address or interface is missing waits for the next reset.
    forgotten.displaced = convergence.record().displaced;
    auto saved = ports_.state.save(forgotten);
    if (!saved) {
        return propagate(saved);
    }
    return report;
}

} // namespace keeper
