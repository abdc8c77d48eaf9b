// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/executor.hpp"

#include <algorithm>
#include <set>

#include "base/overloaded.hpp"
#include "plan/endpoint_order.hpp"

/// Writes endpoints one by one, in the order that their ids require.
namespace keeper {

Result<std::optional<Endpoint>> Executor::find_endpoint(const SocketAddress& key) {
    auto endpoints = ports_.path_manager.endpoints();
    if (!endpoints) {
        return propagate(endpoints);
    }
    endpoints_before_ = endpoints->size();
    const auto found = std::find_if(
        endpoints->begin(), endpoints->end(), [&](const Endpoint& endpoint) { return endpoint.key == key; });
    return found == endpoints->end() ? std::optional<Endpoint>() : *found;
}

Result<void> Executor::add_endpoint(const Endpoint& endpoint, AppliedChange& change) {
    auto existing = find_endpoint(endpoint.key);
    if (existing && *existing && (*existing)->flags == endpoint.flags && !(*existing)->is_implicit()) {
        change.was_already_done = !std::holds_alternative<ChangeProfile>(change.change.action);
        return {}; // another program was faster
    }
    return ports_.path_manager.add(endpoint);
}

Result<void> Executor::remove_endpoint(const Endpoint& endpoint) {
    auto existing = find_endpoint(endpoint.key);
    if (!existing) {
        return propagate(existing);
    }
    return *existing ? ports_.path_manager.remove(**existing) : Result<void>();
}

Result<void> Executor::set_endpoint_flags(const Endpoint& from, const Endpoint& to) {
    auto existing = find_endpoint(from.key);
    if (!existing) {
        return propagate(existing);
    }
    if (!*existing) {
        return fail("endpoint " + to_string(from.key) + " no longer exists");
    }
    Endpoint changed = **existing;
    changed.flags = to.flags;
    return ports_.path_manager.set_flags(changed);
}

Result<void> Executor::write_endpoint(const EndpointAction& action, AppliedChange& change) {
    return std::visit(
        overloaded{
            [&](const AddEndpoint& added) { return add_endpoint(added.endpoint, change); },
            [&](const RemoveEndpoint& removed) { return remove_endpoint(removed.endpoint); },
            [&](const SetEndpointFlags& edit) { return set_endpoint_flags(edit.from, edit.to); },
            [&](const ReplaceEndpoint& replaced) {
                auto removed = remove_endpoint(replaced.from);
                return removed ? add_replacement(replaced, change) : removed;
            },
        },
        action);
}

Result<void> Executor::add_replacement(const ReplaceEndpoint& replaced, AppliedChange& change) {
    auto added = ports_.path_manager.add(replaced.to);
    if (added || ports_.path_manager.add(replaced.from)) {
        return added;
    }
    // Another endpoint may have taken its id.
    Endpoint without_id = replaced.from;
    without_id.id = {};
    if (ports_.path_manager.add(without_id)) {
        if (!std::holds_alternative<ChangeProfile>(change.change.action)) {
            change.done = ReplaceEndpoint{replaced.from, without_id};
        }
        return added;
    }
    if (!std::holds_alternative<ChangeProfile>(change.change.action)) {
        change.done = RemoveEndpoint{replaced.from};
    }
    return fail(
        added.error().kind, added.error().message + "; the previous endpoint could not be restored either");
}

void Executor::update_ids(std::vector<EndpointAction>& actions) {
    const auto endpoints = ports_.path_manager.endpoints();
    for (EndpointAction& action : actions) {
        auto* replaced = std::get_if<ReplaceEndpoint>(&action);
        if (replaced == nullptr || !endpoints) {
            continue;
        }
        for (const Endpoint& endpoint : *endpoints) {
            if (endpoint.key == replaced->from.key) {
                replaced->from.id = endpoint.id;
            }
        }
    }
}

void Executor::change_endpoints(std::vector<AppliedChange*>& changes, Execution& execution) {
    std::vector<EndpointAction> actions;
    for (const AppliedChange* change : changes) {
        actions.push_back(*endpoint_action(change->change));
    }
    update_ids(actions);
    std::set<std::size_t> begun; ///< removed, but not yet added again
    std::set<std::size_t> done;
    for (const EndpointStep& step : order_of(actions)) {
        if (must_stop(execution)) {
            break;
        }
        AppliedChange& change = *changes[step.action];
        const auto* replaced = std::get_if<ReplaceEndpoint>(&actions[step.action]);
        if (step.what == EndpointStep::What::first_remove) {
            record_result(change, remove_endpoint(replaced->from), execution);
            begun.insert(step.action);
            continue;
        }
        done.insert(step.action);
        if (change.outcome == Outcome::applied) {
            record_result(
                change,
                step.what == EndpointStep::What::then_add ? add_replacement(*replaced, change)
                                                          : write_endpoint(actions[step.action], change),
                execution);
        }
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (done.count(i) == 0 && changes[i]->outcome == Outcome::applied) {
            mark_untried(*changes[i]);
            if (begun.count(i) != 0) {
                changes[i]->done = RemoveEndpoint{std::get<ReplaceEndpoint>(actions[i]).from};
            }
        }
    }
}

} // namespace keeper
