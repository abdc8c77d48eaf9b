// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/executor.hpp"

#include <algorithm>
#include <set>

#include "base/overloaded.hpp"

#include "plan/endpoint_order.hpp"

namespace keeper {

namespace {

/// The result of a change before it is carried out; that of an item that is not actionable is final.
AppliedChange initial_result(const Change& change) {
    const auto result = [&](Outcome outcome, std::string error) {
        return AppliedChange{.change = change, .outcome = outcome, .error = std::move(error)};
    };
    switch (change.actionability) {
    case Actionability::actionable:
        return result(Outcome::applied, "");
    case Actionability::deferred:
        return result(Outcome::deferred, change.note);
    case Actionability::unsupported:
        return result(Outcome::unsupported, change.note);
    case Actionability::blocked:
        return result(Outcome::failed, change.note);
    }
    return result(Outcome::failed, change.note);
}

LimitsPatch merged_patch(const std::vector<AppliedChange*>& changes) {
    LimitsPatch merged;
    for (const AppliedChange* change : changes) {
        const LimitsPatch& patch = std::get<SetLimit>(change->change.action).patch;
        merged.subflows = patch.subflows ? patch.subflows : merged.subflows;
        merged.add_addr_accepted =
            patch.add_addr_accepted ? patch.add_addr_accepted : merged.add_addr_accepted;
    }
    return merged;
}

/// The part of a profile's change that was carried out so far.
ChangeProfile& carried_out_part(AppliedChange& change) {
    if (!std::holds_alternative<ChangeProfile>(change.done)) {
        ChangeProfile part = std::get<ChangeProfile>(change.change.action);
        part.store = false;
        part.devices.clear();
        change.done = std::move(part);
    }
    return std::get<ChangeProfile>(change.done);
}

/// The device with none of its actions.
LiveDevice untouched(LiveDevice device) {
    device.endpoints.clear();
    device.reapply = false;
    device.force_difference = false;
    return device;
}

/// The batch in which a change is written. A new kind of action does not compile until it has a batch here
/// and a case in Executor::write_batch().
Executor::Batch batch_of(const Change& change) {
    using Batch = Executor::Batch;
    return std::visit(
        overloaded{
            [](const std::monostate&) { return Batch::none; },
            [](const SetSysctl&) { return Batch::one_sysctl; },
            [](const SetLimit&) { return Batch::limits; },
            [](const AddEndpoint&) { return Batch::endpoints; },
            [](const RemoveEndpoint&) { return Batch::endpoints; },
            [](const ReplaceEndpoint&) { return Batch::endpoints; },
            [](const SetEndpointFlags&) { return Batch::endpoints; },
            [](const ChangeProfile&) { return Batch::profiles; },
            [](const ChangeUnit&) { return Batch::units; },
            [](const ChangeProgramHook&) { return Batch::program_hook; },
        },
        change.action);
}

} // namespace

void Executor::mark_untried(AppliedChange& change) {
    change.outcome = Outcome::reverted;
    change.error = "not tried, because another item failed";
}

void Executor::learn_capacity(Execution& execution) {
    const auto endpoints = ports_.path_manager.endpoints();
    if (!endpoints) {
        return;
    }
    // Another program may have removed some since the refusal: NetworkManager replaces its endpoints one by
    // one.
    const std::size_t seen = std::max(endpoints->size(), endpoints_before_);
    execution.endpoint_capacity = std::max(static_cast<std::uint32_t>(seen), least_endpoint_capacity);
}

void Executor::record_result(AppliedChange& change, const Result<void>& result, Execution& execution) {
    if (result || change.outcome != Outcome::applied) {
        return;
    }
    const Error& error = result.error();
    change.error = error.message;
    const bool about_profiles = std::holds_alternative<ChangeProfile>(change.change.action);
    if (error.kind == ErrorKind::table_full) {
        change.outcome = Outcome::deferred;
        learn_capacity(execution);
        return;
    }
    change.outcome = error.kind == ErrorKind::unsupported ? Outcome::unsupported : Outcome::failed;
    execution.lost_network_manager =
        execution.lost_network_manager || (about_profiles && error.kind == ErrorKind::unavailable);
}

void Executor::write_limits(std::vector<AppliedChange*>& changes, Execution& execution) {
    if (changes.size() > 1 && ports_.path_manager.set_limits(merged_patch(changes))) {
        return;
    }
    // A limit that the kernel refuses must not prevent the other from being set.
    for (AppliedChange* change : changes) {
        const LimitsPatch& patch = std::get<SetLimit>(change->change.action).patch;
        record_result(*change, ports_.path_manager.set_limits(patch), execution);
        execution.limit_maximum = ports_.path_manager.limit_maximum();
    }
}

void Executor::store_profiles(std::vector<AppliedChange*>& changes, Execution& execution) {
    std::vector<StoreRequest> requests;
    std::vector<AppliedChange*> stored;
    for (AppliedChange* change : changes) {
        const auto& action = std::get<ChangeProfile>(change->change.action);
        if (action.store) {
            requests.push_back({action.uuid, action.stored});
            stored.push_back(change);
        }
    }
    if (requests.empty()) {
        return;
    }
    const std::vector<Result<void>> results = ports_.profiles.store(requests);
    for (std::size_t i = 0; i < stored.size(); ++i) {
        record_result(*stored[i], results[i], execution);
        if (results[i]) {
            carried_out_part(*stored[i]).store = true;
        }
    }
}

void Executor::write_endpoints(const LiveDevice& device, AppliedChange& change, Execution& execution) {
    LiveDevice done = untouched(device);
    for (const EndpointAction& endpoint : device.endpoints) {
        const Result<void> result = write_endpoint(endpoint, change);
        record_result(change, result, execution);
        if (result) {
            done.endpoints.push_back(endpoint);
        }
    }
    if (!done.endpoints.empty()) {
        carried_out_part(change).devices.push_back(std::move(done));
    }
}

void Executor::update_devices(std::vector<AppliedChange*>& changes, Execution& execution) {
    std::vector<ReapplyRequest> requests;
    std::vector<std::pair<AppliedChange*, const LiveDevice*>> reapplied;
    const auto flush = [&] {
        if (requests.empty()) {
            return;
        }
        execution.reapplied = true;
        const std::vector<Result<void>> results = ports_.profiles.reapply(requests);
        for (std::size_t i = 0; i < reapplied.size(); ++i) {
            const auto& [change, device] = reapplied[i];
            record_result(*change, results[i], execution);
            if (results[i]) {
                LiveDevice done = *device;
                done.endpoints.clear();
                carried_out_part(*change).devices.push_back(std::move(done));
            }
        }
        requests.clear();
        reapplied.clear();
    };
    for (AppliedChange* change : changes) {
        const auto& action = std::get<ChangeProfile>(change->change.action);
        for (const LiveDevice& device : action.devices) {
            if (change->outcome != Outcome::applied) {
                break;
            }
            // Any reapply makes NetworkManager reset all its endpoints to what it knows. An endpoint that was
            // edited in place must therefore be followed by its own device's reapply, with no other in
            // between.
            const bool must_be_alone = device.reapply && !device.endpoints.empty();
            if (must_be_alone) {
                flush();
            }
            write_endpoints(device, *change, execution);
            if (device.reapply && change->outcome == Outcome::applied) {
                requests.push_back(
                    {.interface = device.interface,
                     .uuid = action.uuid,
                     .flags = device.flags,
                     .force_difference = device.force_difference});
                reapplied.emplace_back(change, &device);
            }
            if (must_be_alone) {
                flush();
            }
        }
    }
    flush();
}

void Executor::change_program_hook(std::vector<AppliedChange*>& changes, Execution& execution) {
    const auto& action = std::get<ChangeProgramHook>(changes.front()->change.action);
    const Result<void> result =
        action.request.empty() ? ports_.program_hook.detach() : ports_.program_hook.attach(action.request);
    for (AppliedChange* change : changes) {
        record_result(*change, result, execution);
    }
}

void Executor::change_units(std::vector<AppliedChange*>& changes, Execution& execution) {
    const auto action_of = [](const AppliedChange* change) -> const ChangeUnit& {
        return std::get<ChangeUnit>(change->change.action);
    };
    if (std::any_of(changes.begin(), changes.end(), [&](auto* change) { return action_of(change).reload; })) {
        std::vector<std::string> tried_again;
        for (const AppliedChange* change : changes) {
            if (action_of(change).try_again) {
                tried_again.push_back(change->change.key);
            }
        }
        const Result<void> reloaded = ports_.units.reload(tried_again);
        for (AppliedChange* change : changes) {
            record_result(*change, action_of(change).reload ? reloaded : Result<void>(), execution);
            if (action_of(change).reload && reloaded) {
                change->done = ChangeUnit{.unit = change->change.key, .reload = true, .restart = false};
            }
        }
    }
    for (AppliedChange* change : changes) {
        if (!action_of(change).restart || change->outcome != Outcome::applied) {
            continue;
        }
        if (must_stop(execution)) {
            mark_untried(*change); // its new drop-in remains in `done`
            continue;
        }
        change->done = action_of(change); // even if it fails: the unit was stopped
        const Result<void> restarted = ports_.units.restart(change->change.key);
        if (!restarted && restarted.error().kind == ErrorKind::timed_out) {
            std::get<ChangeUnit>(change->done).restart = false; // another restart would end its slow start
        }
        record_result(*change, restarted, execution);
        execution.restarted = true;
    }
}

void Executor::write_sysctl(AppliedChange& change, Execution& execution) {
    const auto& sysctl = std::get<SetSysctl>(change.change.action);
    record_result(change, ports_.sysctls.write(sysctl.name, sysctl.value), execution);
}

void Executor::write_batch(Batch kind, std::vector<AppliedChange*>& changes, Execution& execution) {
    switch (kind) {
    case Batch::none:
        return;
    case Batch::one_sysctl:
        return write_sysctl(*changes.front(), execution);
    case Batch::limits:
        return write_limits(changes, execution);
    case Batch::endpoints:
        return change_endpoints(changes, execution);
    case Batch::profiles:
        store_profiles(changes, execution);
        return update_devices(changes, execution);
    case Batch::units:
        return change_units(changes, execution);
    case Batch::program_hook:
        return change_program_hook(changes, execution);
    }
}

bool Executor::must_stop(const Execution& execution) const {
    return on_failure_ == OnFailure::stop &&
           std::any_of(execution.changes.begin(), execution.changes.end(), [](const AppliedChange& change) {
               return change.outcome == Outcome::failed;
           });
}

Execution Executor::execute(const std::vector<Change>& changes, OnFailure on_failure) {
    Execution execution;
    on_failure_ = on_failure;
    for (const Change& change : changes) {
        execution.changes.push_back(initial_result(change));
    }
    // A batch is carried out at the position of its first change.
    std::vector<bool> done(changes.size(), false);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        AppliedChange& change = execution.changes[i];
        const Batch kind = batch_of(change.change);
        if (done[i] || change.change.actionability != Actionability::actionable || kind == Batch::none) {
            continue;
        }
        if (must_stop(execution)) {
            mark_untried(change);
            continue;
        }
        std::vector<AppliedChange*> batch;
        for (std::size_t j = i; j < changes.size(); ++j) {
            if (changes[j].actionability != Actionability::actionable) {
                continue;
            }
            const bool belongs = batch_of(changes[j]) == kind;
            if (belongs) {
                batch.push_back(&execution.changes[j]);
                done[j] = true;
            }
            // Sysctls are written one by one. Endpoints after a reapply depend on what the reapply leaves.
            if (kind == Batch::one_sysctl || (kind == Batch::endpoints && !belongs)) {
                break;
            }
        }
        write_batch(kind, batch, execution);
    }
    for (AppliedChange& change : execution.changes) {
        if (change.outcome == Outcome::applied) {
            change.done = std::monostate{};
        }
    }
    return execution;
}

} // namespace keeper
