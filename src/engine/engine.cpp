// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine.hpp"

#include "engine/convergence.hpp"
#include "engine/observer.hpp"
#include "plan/ownership_record.hpp"

namespace keeper {

Result<Observation> Engine::observe(const Scope& scope) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    return observe_host(ports_, scope, std::move(*record));
}

Observation Engine::observe_best_effort(const Scope& scope) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (record) {
        return observe_host(ports_, scope, std::move(*record));
    }
    Observation observation = observe_host(ports_, scope, {});
    observation.warnings.push_back(
        "mptcp-keeper's record of its changes could not be read: " + record.error().message);
    return observation;
}

Result<Observation> Engine::observe(const Scope& scope, const DesiredState& desired) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    const Scope needed = needed_scope(scope, desired, *record);
    return observe_host(ports_, needed, std::move(*record));
}

Result<ApplyReport> Engine::apply(const DesiredState& desired, const ApplyOptions& options) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    const Scope scope = needed_scope(options.scope, desired, *record);
    return Convergence(ports_, desired, options, observe_host(ports_, scope, std::move(*record))).run();
}

Result<ApplyReport> Engine::reset() {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    if (record->empty()) {
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
        observe_host(ports_, needed_scope(options.scope, {}, found), std::move(*record));
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
