// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/ownership_record.hpp"

#include <algorithm>
#include <set>

#include "base/overloaded.hpp"
#include "model/sysctl_table.hpp"
#include "plan/learned_bounds.hpp"

namespace keeper {

namespace {

void own(Ownership& record, const Change& change, const Endpoint& endpoint, bool is_stand_in) {
    auto& owned = is_stand_in ? record.stand_ins : record.endpoints;
    owned[endpoint.key] = {endpoint.flags, change.source};
}

void displace(Ownership& record, const Change& change, const Endpoint& endpoint) {
    if (!endpoint.is_implicit() && record.endpoints.count(endpoint.key) == 0) {
        record.displaced.try_emplace(endpoint.key, Baseline<Endpoint>{endpoint, change.source});
    }
}

void record_stand_in(Ownership& record, const Change& change, const EndpointAction& action) {
    const auto stand_in = [&](const Endpoint& endpoint) { own(record, change, endpoint, true); };
    std::visit(
        overloaded{
            [&](const AddEndpoint& added) { stand_in(added.endpoint); },
            [](const RemoveEndpoint&) {},
            [&](const ReplaceEndpoint& replaced) { stand_in(replaced.to); },
            [&](const SetEndpointFlags& edit) { stand_in(edit.to); },
        },
        action);
}

void record_endpoint(Ownership& record, const Change& change, const EndpointAction& action) {
    if (change.for_network_manager) {
        return record_stand_in(record, change, action);
    }
    std::visit(
        overloaded{
            [&](const AddEndpoint& added) { own(record, change, added.endpoint, false); },
            [&](const RemoveEndpoint& removed) { displace(record, change, removed.endpoint); },
            [&](const ReplaceEndpoint& replaced) {
                displace(record, change, replaced.from);
                own(record, change, replaced.to, false);
            },
            [&](const SetEndpointFlags& edit) {
                displace(record, change, edit.from);
                // Another program's endpoint with changed flags still belongs to that program.
                if (record.endpoints.count(edit.to.key) != 0) {
                    own(record, change, edit.to, false);
                }
            },
        },
        action);
}

/// Restores one entry from an earlier record.
template <class Map>
void restore_entry(Map& now, const Map& before, const typename Map::key_type& key) {
    const auto old = before.find(key);
    if (old == before.end()) {
        now.erase(key);
    } else {
        now[key] = old->second;
    }
}

void restore_endpoint(Ownership& record, const Ownership& before, const AppliedChange& applied) {
    const auto key = parse_socket_address(applied.change.key);
    if (!key) {
        return;
    }
    restore_entry(record.endpoints, before.endpoints, *key);
    restore_entry(record.stand_ins, before.stand_ins, *key);
    // If the old endpoint could not be restored, or not with its id, a reset must still do so.
    if (std::holds_alternative<std::monostate>(applied.done)) {
        restore_entry(record.displaced, before.displaced, *key);
    }
}

void restore(Ownership& record, const Ownership& before, const AppliedChange& applied) {
    const auto endpoint = [&](const auto&) { restore_endpoint(record, before, applied); };
    std::visit(
        overloaded{
            [](const std::monostate&) {},
            [&](const SetSysctl& sysctl) { restore_entry(record.sysctls, before.sysctls, sysctl.name); },
            [&](const SetLimit&) { restore_entry(record.limits, before.limits, applied.change.key); },
            [&](const AddEndpoint& action) { endpoint(action); },
            [&](const RemoveEndpoint& action) { endpoint(action); },
            [&](const ReplaceEndpoint& action) { endpoint(action); },
            [&](const SetEndpointFlags& action) { endpoint(action); },
            // Its entry is kept: the profile may have been stored before its device failed.
            [](const ChangeProfile&) {},
            [](const ChangeUnit&) {},
            [](const ChangeProgramHook&) {},
        },
        applied.change.action);
}

bool exists(const std::vector<Endpoint>& endpoints, const SocketAddress& key) {
    return std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
        return endpoint.key == key && !endpoint.is_implicit();
    });
}

/// Another program's endpoint that is again as the keeper found it belongs to that program, no matter who
/// restored it. One with another id does not: the keeper must still restore the id.
void forget_restored(Ownership& record, const DesiredState& desired, const std::vector<Endpoint>& endpoints) {
    std::erase_if(record.displaced, [&](const auto& entry) {
        const Endpoint& found = entry.second.found;
        const auto declared = desired.endpoints.find(found.key);
        const bool is_put_back =
            declared != desired.endpoints.end() && declared->second.accepts_network_managers;
        const bool has_any_id = is_put_back || record.endpoints.count(found.key) == 0;
        const bool is_restored =
            std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
                return endpoint.key == found.key && endpoint.flags == found.flags &&
                       endpoint.ifindex == found.ifindex && (has_any_id || endpoint.id == found.id);
            });
        if (is_restored) {
            record.endpoints.erase(entry.first);
        }
        return is_restored;
    });
}

/// A deleted profile has no flags to restore. A NetworkManager that is starting may not have read its
/// profiles yet.
void forget_deleted_profiles(Ownership& record, const ObservedState& observed) {
    const auto& network_manager = observed.network_manager;
    if (!network_manager || network_manager->is_starting || network_manager->profiles.empty()) {
        return;
    }
    std::set<std::string> uuids;
    for (const Profile& profile : network_manager->profiles) {
        uuids.insert(profile.uuid);
    }
    std::erase_if(record.profiles, [&](const auto& entry) { return uuids.count(entry.first) == 0; });
}

/// Older records have both names of one setting, one of them with the value that the keeper had set by the
/// other. If they disagree, the kernel's default counts as the value found.
bool is_authoritative(const Ownership& record, const std::string& name) {
    const auto is_default = [&](const std::string& either) {
        return record.sysctls.at(either).found == kernel_default_of_sysctl(either);
    };
    const std::string alias = alias_of_sysctl(name);
    if (record.sysctls.count(alias) == 0) {
        return true;
    }
    return is_default(name) == is_default(alias) ? name == "path_manager" : is_default(name);
}

/// A setting with two names has one entry: the first value found.
void record_sysctl(
    Ownership& record, const std::string& name, const std::string& found, const Change& change) {
    if (record.sysctls.count(alias_of_sysctl(name)) == 0) {
        record.sysctls.try_emplace(name, Baseline<std::string>{found, change.source});
    }
}

void collect_added(const EndpointAction& action, std::vector<Endpoint>& added) {
    std::visit(
        overloaded{
            [&](const AddEndpoint& addition) { added.push_back(addition.endpoint); },
            [&](const ReplaceEndpoint& replaced) { added.push_back(replaced.to); },
            [](const RemoveEndpoint&) {},
            [](const SetEndpointFlags&) {},
        },
        action);
}

/// The endpoints that were added, with the requested flags.
std::vector<Endpoint> added_endpoints(const std::vector<AppliedChange>& changes) {
    std::vector<Endpoint> added;
    for (const AppliedChange& applied : changes) {
        const Change& change = applied.change;
        if (applied.outcome != Outcome::applied || applied.was_already_done) {
            continue;
        }
        if (const auto action = endpoint_action(change)) {
            collect_added(*action, added);
        } else if (const auto* profile = std::get_if<ChangeProfile>(&change.action)) {
            for (const LiveDevice& device : profile->devices) {
                for (const EndpointAction& endpoint : device.endpoints) {
                    collect_added(endpoint, added);
                }
            }
        }
    }
    return added;
}

void record_profile(Ownership& record, const Change& change, const ChangeProfile& profile) {
    // Also for a reapply alone: with net.mptcp.enabled set, NetworkManager may create endpoints from then on,
    // which a reset must remove.
    const bool reapplies =
        std::any_of(profile.devices.begin(), profile.devices.end(), [](const LiveDevice& device) {
            return device.reapply;
        });
    if (profile.store || reapplies) {
        record.profiles.try_emplace(
            profile.uuid,
            Ownership::ProfileBaseline{
                .name = change.name, .flags = profile.stored_before, .source = change.source});
    }
    for (const LiveDevice& device : profile.devices) {
        for (const EndpointAction& action : device.endpoints) {
            record_stand_in(record, change, action);
        }
    }
}

/// The source of a restored value: it was found before that declaration.
Source found_before(const std::string& source) {
    return {.file = "found before " + source};
}

} // namespace

Ownership record_before(Ownership record, const std::vector<Change>& changes) {
    for (const Change& change : changes) {
        if (change.actionability != Actionability::actionable) {
            continue;
        }
        const auto endpoint = [&](const EndpointAction& action) { record_endpoint(record, change, action); };
        std::visit(
            overloaded{
                [](const std::monostate&) {},
                [&](const SetSysctl& sysctl) {
                    record_sysctl(record, sysctl.name, std::get<std::string>(change.before), change);
                },
                [&](const SetLimit&) {
                    const std::uint32_t found = std::get<std::uint32_t>(change.before);
                    record.limits.try_emplace(change.key, Baseline<std::uint32_t>{found, change.source});
                },
                [&](const AddEndpoint& action) { endpoint(action); },
                [&](const RemoveEndpoint& action) { endpoint(action); },
                [&](const ReplaceEndpoint& action) { endpoint(action); },
                [&](const SetEndpointFlags& action) { endpoint(action); },
                [&](const ChangeProfile& profile) { record_profile(record, change, profile); },
                [](const ChangeUnit&) {},        // its drop-in follows the files: there is nothing to restore
                [](const ChangeProgramHook&) {}, // the keeper's own: a reset detaches it
            },
            change.action);
    }
    return record;
}

Ownership record_after(
    Ownership record,
    const Ownership& before,
    const std::vector<AppliedChange>& changes,
    const DesiredState& desired,
    const ObservedState& observed) {
    for (const AppliedChange& applied : changes) {
        if (applied.outcome != Outcome::applied || applied.was_already_done) {
            restore(record, before, applied);
        }
    }
    forget_deleted_profiles(record, observed);
    if (!observed.endpoints) {
        return record;
    }
    record.kernel = learn_flags(record.kernel, added_endpoints(changes), *observed.endpoints);
    if (record.kernel.endpoint_capacity && observed.endpoints->size() > *record.kernel.endpoint_capacity) {
        record.kernel.endpoint_capacity.reset();
    }
    forget_restored(record, desired, *observed.endpoints);
    const auto is_gone = [&](const auto& entry) { return !exists(*observed.endpoints, entry.first); };
    std::erase_if(record.stand_ins, is_gone);
    std::erase_if(record.endpoints, [&](const auto& entry) {
        const auto declared = desired.endpoints.find(entry.first);
        const bool is_declared = declared != desired.endpoints.end() && !declared->second.absent;
        return !is_declared && is_gone(entry);
    });
    return record;
}

DesiredState desired_before_keeper(const Ownership& record, const ObservedState& observed) {
    DesiredState desired;
    for (const auto& [name, baseline] : record.sysctls) {
        if (is_authoritative(record, name)) {
            desired.sysctls[name] = {baseline.found, found_before(baseline.source)};
        }
    }
    for (const auto& [name, baseline] : record.limits) {
        auto& limit = name == "subflows" ? desired.subflows : desired.add_addr_accepted;
        limit = Declared<std::uint32_t>{baseline.found, found_before(baseline.source)};
    }
    for (const auto& [uuid, baseline] : record.profiles) {
        ProfileRule rule;
        rule.match.uuids = {uuid};
        rule.flags = baseline.flags;
        rule.source = found_before(baseline.source);
        desired.profiles.push_back(std::move(rule));
    }
    for (const auto& entry : record.displaced) {
        const SocketAddress& key = entry.first;
        const Baseline<Endpoint>& baseline = entry.second;
        DesiredEndpoint endpoint;
        endpoint.flags = baseline.found.flags;
        endpoint.accepts_network_managers = true;
        endpoint.source = found_before(baseline.source);
        if (const Link* link = find_link(observed, baseline.found.ifindex)) {
            endpoint.interface = link->name;
        }
        endpoint.id = baseline.found.id;
        desired.endpoints[key] = std::move(endpoint);
    }
    return desired;
}

} // namespace keeper
