// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <iterator>

#include "base/text/join.hpp"
#include "base/text/printable.hpp"
#include "plan/endpoint_doubt.hpp"
#include "plan/endpoint_entries.hpp"
#include "plan/learned_bounds.hpp"
#include "plan/profile_suggestion.hpp"

/// The `endpoints` section: addresses for which NetworkManager creates no endpoint.
namespace keeper::planner {

namespace {

/// A signal endpoint without interface and port may have an address that this host lacks, as behind NAT.
bool may_lack_its_address(const DesiredEndpoint& wanted, const SocketAddress& key) {
    return wanted.flags.has(EndpointFlag::signal) && !wanted.flags.has(EndpointFlag::subflow) &&
           !wanted.interface && key.port == 0;
}

/// What the endpoint waits for; std::nullopt if it can be added now. The kernel tries to use an endpoint
/// once, when it is added: one that was added before its address would never be used.
std::optional<std::string> waits_for(const Input& input, const Entry& entry, const Link* link) {
    const DesiredEndpoint& wanted = entry.wanted;
    if (wanted.interface && input.scope.boot) {
        return "waits until the host has booted, because it names an interface";
    }
    if (wanted.interface && link == nullptr) {
        return "interface " + *wanted.interface + " does not exist yet";
    }
    if (may_lack_its_address(wanted, entry.key)) {
        return std::nullopt;
    }
    const std::string address = to_string(entry.key.address);
    for (const Link& candidate : input.observed.links.or_empty()) {
        if (link != nullptr && candidate.ifindex != link->ifindex) {
            continue;
        }
        for (const LinkAddress& found : candidate.addresses) {
            if (found.address != entry.key.address) {
                continue;
            }
            if (found.dad_failed) {
                return address + " failed duplicate address detection on " + candidate.name;
            }
            return found.tentative ? std::optional(
                                         address + " is tentative on " + candidate.name +
                                         " (duplicate address detection)")
                                   : std::nullopt;
        }
    }
    return link == nullptr ? "no interface has " + address : link->name + " does not have " + address;
}

/// The interface of a declared endpoint.
struct Target {
    const Link* link = nullptr; ///< null if no interface is declared or it does not exist
    bool is_bound = false;      ///< to an interface, whether or not it exists
};

bool is_bound_right(const Input& input, const Target& target, const Endpoint& existing) {
    if (!target.is_bound) {
        return !is_bound_to_a_wrong_interface(input.observed, existing);
    }
    return target.link != nullptr && existing.ifindex == target.link->ifindex;
}

bool is_as_declared(const Input& input, const Entry& entry, EndpointFlags flags, const Target& target) {
    const Endpoint& existing = *entry.existing;
    return existing.flags == flags && is_bound_right(input, target, existing) &&
           (!entry.wanted.id || existing.id == *entry.wanted.id);
}

/// The action that makes the endpoint as declared, which the existing one, if any, is not. `shown` are the
/// declared flags without those that the kernel drops.
EndpointAction action_for(const Input& input, const Entry& entry, EndpointFlags shown, const Target& target) {
    const Endpoint* existing = entry.existing;
    const DesiredEndpoint& wanted = entry.wanted;
    Endpoint endpoint{.key = entry.key, .flags = wanted.flags, .id = wanted.id.value_or(EndpointId{})};
    if (target.link != nullptr) {
        endpoint.ifindex = target.link->ifindex;
    }
    // An implicit endpoint is replaced by an addition without an id, which keeps its subflows.
    if (existing == nullptr || (existing->is_implicit() && !wanted.id)) {
        return AddEndpoint{endpoint};
    }
    const bool has_right_id = !wanted.id || existing->id == *wanted.id;
    const bool may_stay = has_right_id && is_bound_right(input, target, *existing);
    if (may_stay && is_changeable_in_place(existing->flags, shown)) {
        Endpoint changed = *existing;
        changed.flags = wanted.flags;
        return SetEndpointFlags{*existing, changed};
    }
    return ReplaceEndpoint{*existing, endpoint};
}

/// Why it is unknown whether the endpoint is as declared; std::nullopt if it is known.
std::optional<std::string> why_unknown(const Input& input, const Entry& entry) {
    const ObservedState& observed = input.observed;
    if (!observed.mptcp_supported) {
        return no_mptcp_in_kernel(observed);
    }
    if (!observed.endpoints) {
        return observed.endpoints.reason();
    }
    const bool depends_on_links = entry.wanted.interface || !may_lack_its_address(entry.wanted, entry.key) ||
                                  (entry.existing != nullptr && entry.existing->ifindex != Ifindex{});
    return depends_on_links && !observed.links ? std::optional(observed.links.reason()) : std::nullopt;
}

bool is_managed_by_network_manager(const Input& input, const Entry& entry, const Link* link) {
    const auto& devices = input.devices.or_empty();
    return entry.wanted.interface && entry.key.port == 0 &&
           std::any_of(devices.begin(), devices.end(), [&](const ManagedDevice& device) {
               return link != nullptr ? device.activation->ifindex == link->ifindex
                                      : device.activation->interface == *entry.wanted.interface;
           });
}

/// Plans an entry for an address for which NetworkManager itself creates an endpoint. Returns false if the
/// entry must be planned like any other, bound to NetworkManager's device.
bool plan_with_maker(
    const Input& input, const ManagedDevice& maker, Entry& entry, Target& target, Plan& plan) {
    const DesiredEndpoint& wanted = entry.wanted;
    const Endpoint* made = find_in(maker.wanted, entry.key);
    const auto idle = [&](Actionability actionability, std::string note) {
        entry.changes = {idle_change(input, entry, actionability, std::move(note))};
        return true;
    };
    const bool is_ours = input.ownership.endpoints.count(entry.key) != 0;
    if (made == nullptr) {
        const bool is_there = entry.existing != nullptr && !entry.existing->is_implicit();
        return is_there && !is_ours &&
               idle(
                   Actionability::deferred,
                   "waits until NetworkManager has removed its own endpoint for this address");
    }
    const bool is_same =
        is_as_requested(*made, wanted.flags) && !wanted.id &&
        (!wanted.interface || (target.link != nullptr && target.link->ifindex == made->ifindex));
    if (!is_same) {
        return idle(Actionability::blocked, suggest_profile(input, maker, entry.key, wanted.flags));
    }
    plan.warnings.push_back(
        to_string(wanted.source) + ": " + suggest_profile(input, maker, entry.key, wanted.flags));
    target.link = find_link(input.observed, made->ifindex);
    target.is_bound = true;
    entry.wanted.flags = made->flags; // it may lack laminar, which NetworkManager would remove again
    return false;
}

void plan_present(const Input& input, Entry& entry, Plan& plan) {
    const DesiredEndpoint& wanted = entry.wanted;
    const auto idle = [&](Actionability actionability, std::string note) {
        entry.changes = {idle_change(input, entry, actionability, std::move(note))};
    };
    if (const auto reason = why_unknown(input, entry)) {
        return idle(Actionability::blocked, *reason);
    }
    Target target{
        wanted.interface ? find_link(input.observed, *wanted.interface) : nullptr,
        wanted.interface.has_value()};
    const ManagedDevice* maker = find_maker(input, entry.key);
    if (maker != nullptr &&
        (wanted.accepts_network_managers || plan_with_maker(input, *maker, entry, target, plan))) {
        return;
    }
    const bool is_managed = maker == nullptr && is_managed_by_network_manager(input, entry, target.link);
    if (is_managed) {
        plan.warnings.push_back(
            to_string(wanted.source) + ": NetworkManager manages " + *wanted.interface +
            " and will delete endpoint " + to_string(entry.key) +
            " at its next sync; remove `interface`, or declare the profile");
    }
    const bool exists = entry.existing != nullptr && !entry.existing->is_implicit();
    const EndpointFlags dropped = wanted.flags & input.dropped_flags;
    const EndpointFlags shown = wanted.flags ^ dropped;
    if (exists && !dropped.empty() && is_as_declared(input, entry, shown, target)) {
        return idle(
            Actionability::unsupported,
            "this kernel ignores the flag " + joined(names(dropped), " and ") +
                "; the endpoint works without it");
    }
    if (exists && is_as_declared(input, entry, wanted.flags, target)) {
        if (must_be_tried_again(input, *entry.existing)) {
            const EndpointAction again = ReplaceEndpoint{*entry.existing, *entry.existing};
            entry.changes = {endpoint_change(input.observed, again, to_string(wanted.source))};
        }
        return;
    }
    if (const auto reason = waits_for(input, entry, target.link)) {
        return idle(Actionability::deferred, *reason);
    }
    if (exists) {
        if (const auto doubt = doubt_about(input, *entry.existing)) {
            return idle(doubt->actionability, doubt->reason);
        }
    }
    Change change =
        endpoint_change(input.observed, action_for(input, entry, shown, target), to_string(wanted.source));
    change.undone_by_network_manager = is_managed;
    entry.changes = {std::move(change)};
}

void plan_absent(const Input& input, Entry& entry, Plan& plan) {
    const Endpoint* existing = entry.existing;
    if (input.observed.mptcp_supported && !input.observed.endpoints) {
        entry.changes = {
            idle_change(input, entry, Actionability::blocked, input.observed.endpoints.reason())};
        return;
    }
    if (existing == nullptr || existing->is_implicit()) {
        return;
    }
    const ManagedDevice* maker = find_maker(input, entry.key);
    if (maker != nullptr && maker->activation->ifindex == existing->ifindex) {
        plan.warnings.push_back(
            to_string(entry.wanted.source) + ": endpoint " + to_string(entry.key) +
            " is not removed: NetworkManager creates it from profile " + quoted_name(maker->profile->name) +
            "; declare mptcp-flags for that profile instead");
        return;
    }
    if (const auto doubt = doubt_about(input, *existing)) {
        entry.changes = {idle_change(input, entry, doubt->actionability, doubt->reason)};
        return;
    }
    entry.changes = {
        endpoint_change(input.observed, RemoveEndpoint{*existing}, to_string(entry.wanted.source))};
}

/// Removals of endpoints that the keeper added and that are no longer declared.
std::vector<Change> forgotten(const Input& input, Plan& plan) {
    std::vector<Change> removals;
    for (const auto& [key, owned] : input.ownership.endpoints) {
        const Endpoint* existing = find_endpoint(input.observed, key);
        const bool is_declared = input.desired.endpoints.count(key) != 0;
        if (is_declared || existing == nullptr || existing->is_implicit() ||
            find_maker(input, key) != nullptr) {
            continue;
        }
        if (!is_as_requested(*existing, owned.requested)) {
            plan.warnings.push_back(
                "endpoint " + to_string(key) +
                " is no longer declared, but not removed: another program has changed it");
            continue;
        }
        Change change = endpoint_change(input.observed, RemoveEndpoint{*existing}, owned.source);
        change.note = "no longer declared";
        if (const auto doubt = doubt_about(input, *existing)) {
            change.actionability = doubt->actionability;
            change.impact = Impact::none;
            change.connections_affected = 0;
            change.note = "no longer declared, but " + doubt->reason;
            change.action = std::monostate{};
        }
        removals.push_back(std::move(change));
    }
    return removals;
}

/// Defers additions for which the kernel's table, if its size is known, has no room.
void defer_beyond_capacity(const Input& input, std::size_t removals, std::vector<Change>& additions) {
    const std::size_t capacity = endpoint_capacity(input.observed, input.ownership.kernel);
    std::size_t used = input.observed.endpoints.or_empty().size() - removals;
    for (Change& change : additions) {
        const SocketAddress& key = std::get<AddEndpoint>(change.action).endpoint.key;
        if (used < capacity) {
            used += find_endpoint(input.observed, key) == nullptr ? 1 : 0;
            continue;
        }
        // The kernel checks for room first: a full table does not even accept the replacement of an implicit
        // endpoint.
        change.actionability = Actionability::deferred;
        change.note = "left out: the kernel's table of " + std::to_string(capacity) + " endpoints is full";
        change.action = std::monostate{};
    }
}

/// Changes in the order in which they must be carried out: removals make room for additions, and pinned ids
/// are assigned before the kernel can give them to other endpoints.
struct Sorted {
    std::vector<Change> removals;
    std::vector<Change> edits;
    std::vector<Change> pinned;
    std::vector<Change> unpinned;
    std::vector<Change> idle; ///< deferred, unsupported, blocked
};

void sort_in(Sorted& sorted, Change change) {
    const auto* added = std::get_if<AddEndpoint>(&change.action);
    auto& part = change.actionability != Actionability::actionable       ? sorted.idle
                 : std::holds_alternative<RemoveEndpoint>(change.action) ? sorted.removals
                 : added == nullptr                                      ? sorted.edits
                 : added->endpoint.id.value != 0                         ? sorted.pinned
                                                                         : sorted.unpinned;
    part.push_back(std::move(change));
}

} // namespace

Change idle_change(const Input& input, const Entry& entry, Actionability actionability, std::string note) {
    Change change;
    change.resource = Resource::endpoint;
    change.key = to_string(entry.key);
    if (entry.existing != nullptr) {
        change.before = endpoint_value(input.observed, *entry.existing);
    }
    const DesiredEndpoint& wanted = entry.wanted;
    if (!wanted.absent) {
        change.after = EndpointValue{
            .interface = wanted.interface.value_or(""),
            .flags = wanted.flags,
            .id = wanted.id.value_or(EndpointId{})};
    }
    change.source = to_string(wanted.source);
    change.actionability = actionability;
    change.note = std::move(note);
    return change;
}

void plan_endpoints(const Input& input, Plan& plan) {
    std::vector<Change> removals = forgotten(input, plan);
    std::vector<Entry> present;
    for (const auto& [key, wanted] : input.desired.endpoints) {
        Entry entry{.key = key, .wanted = wanted, .existing = find_endpoint(input.observed, key)};
        if (wanted.absent) {
            plan_absent(input, entry, plan);
            std::move(entry.changes.begin(), entry.changes.end(), std::back_inserter(removals));
        } else {
            plan_present(input, entry, plan);
            present.push_back(std::move(entry));
        }
    }
    std::vector<Change> others;
    settle_ids(input, removals, present, others);
    Sorted sorted;
    for (Change& change : removals) {
        sort_in(sorted, std::move(change));
    }
    for (Entry& entry : present) {
        for (Change& change : entry.changes) {
            sort_in(sorted, std::move(change));
        }
    }
    for (Change& change : others) {
        sort_in(sorted, std::move(change));
    }
    std::vector<Change> additions = std::move(sorted.pinned);
    std::move(sorted.unpinned.begin(), sorted.unpinned.end(), std::back_inserter(additions));
    defer_beyond_capacity(input, sorted.removals.size(), additions);
    for (std::vector<Change>* part : {&sorted.removals, &sorted.edits, &additions, &sorted.idle}) {
        std::move(part->begin(), part->end(), std::back_inserter(plan.changes));
    }
}

} // namespace keeper::planner
