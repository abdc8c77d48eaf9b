// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/watched_state.hpp"

#include <algorithm>
#include <set>

#include "applications/program_hook.hpp"

namespace keeper {

namespace {

/// Walks both maps in key order and reports items that were added, removed or changed.
template <class Item, class Report>
void compare(
    const std::optional<std::map<std::string, Item>>& before,
    const std::optional<std::map<std::string, Item>>& after,
    Report report) {
    if (!before || !after) {
        return;
    }
    std::set<std::string> keys;
    for (const auto* items : {&*before, &*after}) {
        for (const auto& [key, item] : *items) {
            keys.insert(key);
        }
    }
    for (const std::string& key : keys) {
        const auto was = before->find(key);
        const auto is = after->find(key);
        const Item* const old_item = was == before->end() ? nullptr : &was->second;
        const Item* const new_item = is == after->end() ? nullptr : &is->second;
        if (old_item == nullptr || new_item == nullptr || !(*old_item == *new_item)) {
            report(key, old_item, new_item);
        }
    }
}

template <class Item>
Value value_of(const Item* item) {
    return item == nullptr ? Value{} : Value{*item};
}

void compare_limit(
    std::vector<WatchedChange>& changes, const char* key, std::uint32_t before, std::uint32_t after) {
    if (before != after) {
        changes.push_back({.resource = Resource::limit, .key = key, .before = before, .after = after});
    }
}

} // namespace

std::map<std::string, EndpointValue>
watched_endpoints(const std::vector<Endpoint>& endpoints, const std::vector<Link>& links) {
    std::map<std::string, EndpointValue> found;
    for (const Endpoint& endpoint : endpoints) {
        const auto link = std::find_if(links.begin(), links.end(), [&](const Link& candidate) {
            return endpoint.ifindex.value != 0 && candidate.ifindex == endpoint.ifindex;
        });
        found.emplace(
            to_string(endpoint.key),
            EndpointValue{
                .interface = link == links.end() ? "" : link->name,
                .flags = endpoint.flags,
                .id = endpoint.id});
    }
    return found;
}

std::map<std::string, WatchedState::WatchedProfile> watched_profiles(const NetworkManagerState& state) {
    std::map<std::string, WatchedState::WatchedProfile> found;
    for (const Profile& profile : state.profiles) {
        if (!profile.skip_reason) {
            found.emplace(profile.uuid, WatchedState::WatchedProfile{profile.name, profile.stored});
        }
    }
    return found;
}

std::map<std::string, std::string> watched_program_hook(const ObservedProgramHook& hook) {
    if (!hook.is_attached) {
        return {};
    }
    std::map<std::string, std::string> found;
    for (const std::string& key :
         hook_scope(parse_hook_request(hook.request)
                        .value_or(HookRequest{.all = true, .slices = {}, .excluded = {}}))) {
        found.emplace(key, "attached");
    }
    return found;
}

std::vector<WatchedChange> changes_between(const WatchedState& before, const WatchedState& after) {
    using WatchedProfile = WatchedState::WatchedProfile;
    std::vector<WatchedChange> changes;
    compare(
        before.sysctls,
        after.sysctls,
        [&](const std::string& key, const std::string* old_value, const std::string* new_value) {
            changes.push_back(
                {.resource = Resource::sysctl,
                 .key = "net.mptcp." + key,
                 .before = value_of(old_value),
                 .after = value_of(new_value)});
        });
    if (before.limits && after.limits) {
        compare_limit(changes, "subflows", before.limits->subflows, after.limits->subflows);
        compare_limit(
            changes, "add_addr_accepted", before.limits->add_addr_accepted, after.limits->add_addr_accepted);
    }
    compare(
        before.endpoints,
        after.endpoints,
        [&](const std::string& key, const EndpointValue* old_value, const EndpointValue* new_value) {
            changes.push_back(
                {.resource = Resource::endpoint,
                 .key = key,
                 .before = value_of(old_value),
                 .after = value_of(new_value)});
        });
    compare(
        before.profiles,
        after.profiles,
        [&](const std::string& key, const WatchedProfile* old_profile, const WatchedProfile* new_profile) {
            // A change of the name only does not concern MPTCP.
            if (old_profile != nullptr && new_profile != nullptr &&
                old_profile->flags == new_profile->flags) {
                return;
            }
            changes.push_back(
                {.resource = Resource::profile,
                 .key = key,
                 .name = (new_profile != nullptr ? new_profile : old_profile)->name,
                 .before = value_of(old_profile != nullptr ? &old_profile->flags : nullptr),
                 .after = value_of(new_profile != nullptr ? &new_profile->flags : nullptr)});
        });
    compare(
        before.program_hook,
        after.program_hook,
        [&](const std::string& key, const std::string* old_value, const std::string* new_value) {
            changes.push_back(
                {.resource = Resource::program_hook,
                 .key = key,
                 .before = value_of(old_value),
                 .after = value_of(new_value)});
        });
    return changes;
}

WatchedState merged(const WatchedState& earlier, WatchedState later) {
    if (!later.sysctls) {
        later.sysctls = earlier.sysctls;
    }
    if (!later.limits) {
        later.limits = earlier.limits;
    }
    if (!later.endpoints) {
        later.endpoints = earlier.endpoints;
    }
    if (!later.profiles) {
        later.profiles = earlier.profiles;
    }
    if (!later.program_hook) {
        later.program_hook = earlier.program_hook;
    }
    return later;
}

} // namespace keeper
