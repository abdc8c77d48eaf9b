#include "engine/executor.hpp"

#include <algorithm>
#include <set>

#include "base/overloaded.hpp"

#include "plan/endpoint_order.hpp"

namespace keeper {

namespace {

/// What an item that is not carried out becomes.
AppliedChange untried(const Change& change) {
    switch (change.standing) {
    case Standing::actionable:
        return {change, Outcome::applied, ""};
    case Standing::deferred:
        return {change, Outcome::deferred, change.note};
    case Standing::unsupported:
        return {change, Outcome::unsupported, change.note};
    case Standing::blocked:
        return {change, Outcome::failed, change.note};
    }
    return {change, Outcome::failed, change.note};
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

/// What was carried out of a profile's change so far; nothing yet where there is none.
ChangeProfile& done_of(AppliedChange& change) {
    if (!std::holds_alternative<ChangeProfile>(change.done)) {
        ChangeProfile nothing = std::get<ChangeProfile>(change.change.action);
        nothing.store = false;
        nothing.devices.clear();
        change.done = std::move(nothing);
    }
    return std::get<ChangeProfile>(change.done);
}

/// One device of which nothing is done yet.
LiveDevice untouched(LiveDevice device) {
    device.endpoints.clear();
    device.reapply = false;
    device.force_difference = false;
    return device;
}

/// What is written together with others of its kind. A new kind of action does not compile until it has a
/// batch here, and Executor::write_batch() a case for it.
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
        },
        change.action);
}

} // namespace

void Executor::leave_untried(AppliedChange& change) {
    change.outcome = Outcome::reverted;
    change.error = "not tried, since another item failed";
}

void Executor::learn_capacity(Execution& execution) {
    const auto endpoints = ports_.path_manager.endpoints();
    if (!endpoints) {
        return;
    }
    // Another program may have removed some since the refusal: NetworkManager replaces its endpoints in turn.
    const std::size_t seen = std::max(endpoints->size(), endpoints_before_);
    execution.endpoint_capacity = std::max(static_cast<std::uint32_t>(seen), least_endpoint_capacity);
}

void Executor::settle(AppliedChange& change, const Result<void>& result, Execution& execution) {
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
    // One that the kernel refuses must not keep the other from being set.
    for (AppliedChange* change : changes) {
        const LimitsPatch& patch = std::get<SetLimit>(change->change.action).patch;
        settle(*change, ports_.path_manager.set_limits(patch), execution);
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
        settle(*stored[i], results[i], execution);
        if (results[i]) {
            done_of(*stored[i]).store = true;
        }
    }
}

void Executor::write_endpoints(const LiveDevice& device, AppliedChange& change, Execution& execution) {
    LiveDevice done = untouched(device);
    for (const EndpointAction& endpoint : device.endpoints) {
        const Result<void> result = write_endpoint(endpoint, change);
        settle(change, result, execution);
        if (result) {
            done.endpoints.push_back(endpoint);
        }
    }
    if (!done.endpoints.empty()) {
        done_of(change).devices.push_back(std::move(done));
    }
}

void Executor::bring_devices_in_line(std::vector<AppliedChange*>& changes, Execution& execution) {
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
            settle(*change, results[i], execution);
            if (results[i]) {
                LiveDevice done = *device;
                done.endpoints.clear();
                done_of(*change).devices.push_back(std::move(done));
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
            // Any reapply makes NetworkManager put all its endpoints back to what it knows. So one that was
            // just edited in place must be followed by its own device's reapply, with no other in between.
            const bool must_be_alone = device.reapply && !device.endpoints.empty();
            if (must_be_alone) {
                flush();
            }
            write_endpoints(device, *change, execution);
            if (device.reapply && change->outcome == Outcome::applied) {
                requests.push_back({device.interface, action.uuid, device.flags, device.force_difference});
                reapplied.emplace_back(change, &device);
            }
            if (must_be_alone) {
                flush();
            }
        }
    }
    flush();
}

void Executor::change_units(std::vector<AppliedChange*>& changes, Execution& execution) {
    const auto action_of = [](const AppliedChange* change) -> const ChangeUnit& {
        return std::get<ChangeUnit>(change->change.action);
    };
    if (std::any_of(changes.begin(), changes.end(), [&](auto* change) { return action_of(change).reload; })) {
        const Result<void> reloaded = ports_.units.reload();
        for (AppliedChange* change : changes) {
            settle(*change, action_of(change).reload ? reloaded : Result<void>(), execution);
        }
    }
    for (AppliedChange* change : changes) {
        if (action_of(change).restart && change->outcome == Outcome::applied) {
            settle(*change, ports_.units.restart(change->change.key), execution);
            execution.restarted = true;
        }
    }
}

void Executor::write_sysctl(AppliedChange& change, Execution& execution) {
    const auto& sysctl = std::get<SetSysctl>(change.change.action);
    settle(change, ports_.sysctls.write(sysctl.name, sysctl.value), execution);
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
        return bring_devices_in_line(changes, execution);
    case Batch::units:
        return change_units(changes, execution);
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
        execution.changes.push_back(untried(change));
    }
    // Batches of one kind are carried out at the place of their first.
    std::vector<bool> done(changes.size(), false);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        AppliedChange& change = execution.changes[i];
        const Batch kind = batch_of(change.change);
        if (done[i] || change.change.standing != Standing::actionable || kind == Batch::none) {
            continue;
        }
        if (must_stop(execution)) {
            leave_untried(change);
            continue;
        }
        std::vector<AppliedChange*> batch;
        for (std::size_t j = i; j < changes.size(); ++j) {
            if (changes[j].standing != Standing::actionable) {
                continue;
            }
            const bool belongs = batch_of(changes[j]) == kind;
            if (belongs) {
                batch.push_back(&execution.changes[j]);
                done[j] = true;
            }
            // Sysctls are written one by one; endpoints behind a reapply are as they are after it.
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
