#include <algorithm>
#include <set>

#include "base/printable.hpp"
#include "plan/planner.hpp"
#include "plan/profile_instead.hpp"

/// The `endpoints` section: addresses that NetworkManager does not hand to MPTCP.
namespace keeper::planner {

namespace {

struct Declaration {
    const EndpointKey& key;
    const DesiredEndpoint& wanted;
    const Endpoint* existing; ///< null for none
};

/// Changes by the order in which they must be carried out: what goes makes room for what comes.
struct Sorted {
    std::vector<Change> removals;
    std::vector<Change> edits;
    std::vector<Change> additions;
    std::vector<Change> idle; ///< deferred, unsupported, blocked
};

Change idle_change(const Input& input, const Declaration& declaration, Standing standing, std::string note) {
    Change change;
    change.resource = Resource::endpoint;
    change.key = to_string(declaration.key);
    if (declaration.existing != nullptr) {
        change.before = endpoint_value(input.observed, *declaration.existing);
    }
    const DesiredEndpoint& wanted = declaration.wanted;
    change.after =
        EndpointValue{wanted.interface.value_or(""), wanted.flags, wanted.id.value_or(EndpointId{})};
    change.source = to_string(wanted.source);
    change.standing = standing;
    change.note = std::move(note);
    return change;
}

/// A signal endpoint bound to nothing may name an address that this host lacks, as behind a NAT.
bool may_lack_its_address(const DesiredEndpoint& wanted, const EndpointKey& key) {
    return wanted.flags.has(EndpointFlag::signal) && !wanted.flags.has(EndpointFlag::subflow) &&
           !wanted.interface && key.port == 0;
}

/// What the endpoint waits for, as a sentence; nothing where it can be added now. The kernel tries an
/// endpoint once, when it is added: one that came before its address would never be used.
std::optional<std::string> waits_for(const Input& input, const Declaration& declaration, const Link* link) {
    const DesiredEndpoint& wanted = declaration.wanted;
    if (wanted.interface && input.scope.boot) {
        return "it names an interface: waits until the host has booted";
    }
    if (wanted.interface && link == nullptr) {
        return "there is no interface " + *wanted.interface + " yet";
    }
    if (may_lack_its_address(wanted, declaration.key)) {
        return std::nullopt;
    }
    const std::string address = to_string(declaration.key.address);
    for (const Link& candidate : input.observed.links) {
        if (link != nullptr && candidate.ifindex != link->ifindex) {
            continue;
        }
        for (const LinkAddress& found : candidate.addresses) {
            if (found.address != declaration.key.address) {
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

/// The endpoint that holds the pinned id and is not about to go or to take another, or null.
const Endpoint* holder_of_id(const Input& input, const Declaration& declaration, const Sorted& sorted) {
    if (!declaration.wanted.id) {
        return nullptr;
    }
    for (const Endpoint& other : input.observed.endpoints) {
        const auto frees_it = [&](const Change& change) {
            const auto* after = std::get_if<EndpointValue>(&change.after);
            return change.key == to_string(other.key) && (after == nullptr || after->id != other.id);
        };
        const bool goes = std::any_of(sorted.removals.begin(), sorted.removals.end(), frees_it) ||
                          std::any_of(sorted.edits.begin(), sorted.edits.end(), frees_it);
        if (other.id == *declaration.wanted.id && other.key != declaration.key && !goes) {
            return &other;
        }
    }
    return nullptr;
}

bool is_as_declared(const Declaration& declaration, const Link* link) {
    const Endpoint& existing = *declaration.existing;
    return existing.flags == declaration.wanted.flags &&
           (!declaration.wanted.interface || (link != nullptr && existing.ifindex == link->ifindex)) &&
           (!declaration.wanted.id || existing.id == *declaration.wanted.id);
}

/// The kernel took our endpoint before and dropped a flag that it does not know.
bool lacks_only_unknown_flags(const Input& input, const Declaration& declaration) {
    const auto owned = input.ownership.endpoints.find(declaration.key);
    const EndpointFlags difference = declaration.existing->flags ^ declaration.wanted.flags;
    return owned != input.ownership.endpoints.end() && owned->second.requested == declaration.wanted.flags &&
           difference == EndpointFlags{EndpointFlag::laminar};
}

/// What makes the endpoint as declared; the existing one, if any, is not.
EndpointAction action_for(const Declaration& declaration, const Link* link) {
    const Endpoint* existing = declaration.existing;
    const DesiredEndpoint& wanted = declaration.wanted;
    Endpoint endpoint{declaration.key, wanted.flags, {}, wanted.id.value_or(EndpointId{})};
    if (link != nullptr) {
        endpoint.ifindex = link->ifindex;
    }
    // An implicit endpoint is replaced by an addition without an id, which keeps its subflows.
    if (existing == nullptr || (existing->is_implicit() && !wanted.id)) {
        return AddEndpoint{endpoint};
    }
    const bool is_bound_right = !wanted.interface || (link != nullptr && existing->ifindex == link->ifindex);
    const bool has_right_id = !wanted.id || existing->id == *wanted.id;
    if (is_bound_right && has_right_id && is_changeable_in_place(existing->flags, wanted.flags)) {
        Endpoint changed = *existing;
        changed.flags = wanted.flags;
        return SetEndpointFlags{*existing, changed};
    }
    return ReplaceEndpoint{*existing, endpoint};
}

void plan_present(
    const Input& input, const Declaration& declaration, Sorted& sorted, std::vector<std::string>& warnings) {
    const DesiredEndpoint& wanted = declaration.wanted;
    const auto idle = [&](Standing standing, std::string note) {
        sorted.idle.push_back(idle_change(input, declaration, standing, std::move(note)));
    };
    if (!input.observed.mptcp_supported) {
        return idle(Standing::blocked, no_mptcp_in_kernel(input.observed));
    }
    const ManagedDevice* maker = find_maker(input.devices, declaration.key);
    if (maker != nullptr && wanted.or_network_managers) {
        return;
    }
    if (maker != nullptr) {
        return idle(
            Standing::blocked, network_manager_makes_it(input, *maker, declaration.key, wanted.flags));
    }
    const Link* link = wanted.interface ? find_link(input.observed, *wanted.interface) : nullptr;
    const bool is_handled =
        std::any_of(input.devices.begin(), input.devices.end(), [&](const ManagedDevice& device) {
            return wanted.interface == device.activation->interface;
        });
    if (is_handled && declaration.key.port == 0) {
        warnings.push_back(
            to_string(wanted.source) + ": NetworkManager handles " + *wanted.interface +
            " and will delete the endpoint " + to_string(declaration.key) +
            " at its next sync; leave `interface` out, or declare the profile");
    }
    const bool exists = declaration.existing != nullptr && !declaration.existing->is_implicit();
    if (exists && is_as_declared(declaration, link)) {
        if (must_be_tried_again(input, *declaration.existing)) {
            const EndpointAction again = ReplaceEndpoint{*declaration.existing, *declaration.existing};
            sorted.edits.push_back(endpoint_change(input.observed, again, to_string(wanted.source)));
        }
        return;
    }
    if (exists && lacks_only_unknown_flags(input, declaration)) {
        return idle(
            Standing::unsupported,
            "Linux " + input.observed.kernel_release + " does not know the flag laminar");
    }
    if (const auto reason = waits_for(input, declaration, link)) {
        return idle(Standing::deferred, *reason);
    }
    if (const Endpoint* holder = holder_of_id(input, declaration, sorted)) {
        return idle(
            Standing::blocked,
            "id " + std::to_string(wanted.id->value) + " is in use by the endpoint " +
                to_string(holder->key) + "; pin another id, or none");
    }
    const EndpointAction action = action_for(declaration, link);
    Change change = endpoint_change(input.observed, action, to_string(wanted.source));
    change.undone_by_network_manager = is_handled && declaration.key.port == 0;
    (std::holds_alternative<AddEndpoint>(action) ? sorted.additions : sorted.edits)
        .push_back(std::move(change));
}

void plan_absent(
    const Input& input, const Declaration& declaration, Sorted& sorted, std::vector<std::string>& warnings) {
    const Endpoint* existing = declaration.existing;
    if (existing == nullptr || existing->is_implicit()) {
        return;
    }
    const ManagedDevice* maker = find_maker(input.devices, declaration.key);
    if (maker != nullptr && maker->activation->ifindex == existing->ifindex) {
        warnings.push_back(
            to_string(declaration.wanted.source) + ": the endpoint " + to_string(declaration.key) +
            " is NetworkManager's, from profile " + quoted(maker->profile->name) +
            ", and stays; declare mptcp-flags for that profile to change it");
        return;
    }
    sorted.removals.push_back(
        endpoint_change(input.observed, RemoveEndpoint{*existing}, to_string(declaration.wanted.source)));
}

/// Endpoints that the keeper added for a declaration that is gone.
void plan_forgotten(const Input& input, Sorted& sorted, std::vector<std::string>& warnings) {
    for (const auto& [key, owned] : input.ownership.endpoints) {
        const Endpoint* existing = find_endpoint(input.observed, key);
        const bool is_declared = input.desired.endpoints.count(key) != 0;
        if (is_declared || existing == nullptr || existing->is_implicit() ||
            find_maker(input.devices, key) != nullptr) {
            continue;
        }
        // The kernel drops a flag that it does not know without a word.
        if (existing->flags != owned.requested &&
            existing->flags != owned.requested.without(EndpointFlag::laminar)) {
            warnings.push_back(
                "the endpoint " + to_string(key) +
                " is no longer declared and was changed by somebody else: left as it is");
            continue;
        }
        Change change = endpoint_change(input.observed, RemoveEndpoint{*existing}, owned.source);
        change.note = "no longer declared";
        sorted.removals.push_back(std::move(change));
    }
}

/// What the kernel's table, once it was seen full, has no room for.
void defer_beyond_capacity(const Input& input, Sorted& sorted) {
    if (!input.ownership.endpoint_capacity) {
        return;
    }
    const std::size_t capacity = *input.ownership.endpoint_capacity;
    std::size_t used = input.observed.endpoints.size() - sorted.removals.size();
    for (Change& change : sorted.additions) {
        const EndpointKey& key = std::get<AddEndpoint>(change.action).endpoint.key;
        if (used < capacity) {
            used += find_endpoint(input.observed, key) == nullptr ? 1 : 0;
            continue;
        }
        // The kernel looks for room first: a full table does not even take what replaces an implicit one.
        change.standing = Standing::deferred;
        change.note =
            "left out: the kernel's table holds " + std::to_string(capacity) + " endpoints and is full";
        change.action = std::monostate{};
    }
}

} // namespace

void plan_endpoints(const Input& input, Plan& plan) {
    Sorted sorted;
    plan_forgotten(input, sorted, plan.warnings);
    const auto each = [&](const auto& is_due, const auto& planned) {
        for (const auto& [key, wanted] : input.desired.endpoints) {
            const Declaration declaration{key, wanted, find_endpoint(input.observed, key)};
            if (is_due(declaration)) {
                planned(input, declaration, sorted, plan.warnings);
            }
        }
    };
    // What is there comes before what is new: it may hold an id that it gives up and another one is to get.
    const auto is_new = [](const Declaration& declaration) { return declaration.existing == nullptr; };
    each([](const Declaration& due) { return due.wanted.absent; }, plan_absent);
    each([&](const Declaration& due) { return !due.wanted.absent && !is_new(due); }, plan_present);
    each([&](const Declaration& due) { return !due.wanted.absent && is_new(due); }, plan_present);
    defer_beyond_capacity(input, sorted);
    for (std::vector<Change>* part : {&sorted.removals, &sorted.edits, &sorted.additions, &sorted.idle}) {
        std::move(part->begin(), part->end(), std::back_inserter(plan.changes));
    }
}

} // namespace keeper::planner
