// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/convergence.hpp"
#include "engine/engine.hpp"
#include "engine/observer.hpp"
#include "engine/trial.hpp"
#include "plan/before_try.hpp"

namespace keeper {

namespace {

/// The hook that was attached before the try, and the one that the service would attach.
Result<void> restore_program_hook(ProgramHookPort& hook, const PendingTry& before) {
    const ObservedProgramHook now = hook.observe(false);
    if (now.prepared != before.hook_prepared) {
        if (auto prepared = hook.prepare(before.hook_prepared); !prepared) {
            return prepared;
        }
    }
    if (before.hook_attached.empty()) {
        return now.is_attached ? hook.detach() : Result<void>();
    }
    return now.is_attached && now.request == before.hook_attached ? Result<void>()
                                                                  : hook.attach(before.hook_attached);
}

} // namespace

Result<ApplyReport> Engine::restore(const PendingTry& before) {
    ports_.profiles.start_round();
    auto record = ports_.state.load();
    if (!record) {
        return propagate(record);
    }
    ApplyOptions options;
    options.scope = scope_of_try();
    const bool covers_hook = options.scope.sections.erase(Section::program_hook) != 0;
    Observation observation = observe_host(
        ports_, needed_scope(options.scope, desired_before_try(before, *record, {}), *record), {}, *record);
    const DesiredState desired = desired_before_try(before, *record, observation.state);
    if (!desired.endpoints.empty() && !observation.state.links) {
        return fail(
            "nothing was restored, because the interfaces of the endpoints are unknown: " +
            observation.state.links.reason());
    }
    Convergence convergence(ports_, desired, options, std::move(observation));
    auto report = convergence.run();
    if (!report) {
        return report;
    }
    if (covers_hook) {
        if (const auto restored = restore_program_hook(ports_.program_hook, before); !restored) {
            report->failed = true;
            report->warnings.push_back("the program hook was not restored: " + restored.error().message);
        }
    }
    if (report->failed || !report->verified) {
        return report;
    }
    if (auto saved = ports_.state.save(record_before_try(before, convergence.record())); !saved) {
        return propagate(saved);
    }
    return report;
}

} // namespace keeper
