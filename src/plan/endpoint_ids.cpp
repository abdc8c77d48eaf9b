// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "plan/endpoint_doubt.hpp"
#include "plan/endpoint_entries.hpp"

/// The assignment of pinned ids.
namespace keeper::planner {

namespace {

/// The endpoint that the entry's change adds; null if it adds none.
Endpoint* added_by(Entry& entry) {
    Change* change = entry.change();
    if (change == nullptr || change->actionability != Actionability::actionable) {
        return nullptr;
    }
    if (auto* added = std::get_if<AddEndpoint>(&change->action)) {
        return &added->endpoint;
    }
    auto* replaced = std::get_if<ReplaceEndpoint>(&change->action);
    return replaced == nullptr ? nullptr : &replaced->to;
}

const Endpoint* holder_of(const Input& input, const Entry& entry, EndpointId id) {
    for (const Endpoint& other : input.observed.endpoints.or_empty()) {
        if (other.id == id && other.key != entry.key) {
            return &other;
        }
    }
    return nullptr;
}

Entry* find_entry(std::vector<Entry>& entries, const SocketAddress& key) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &*found;
}

bool is_removed(const std::vector<Change>& removals, const Endpoint& endpoint) {
    return std::any_of(removals.begin(), removals.end(), [&](const Change& change) {
        return change.key == to_string(endpoint.key) && change.actionability == Actionability::actionable;
    });
}

/// What happens to the present holder of a pinned id.
enum class HolderFate {
    leaves,     ///< the id is free by the time it is needed
    makes_room, ///< our own and not pinned: it gets another id
    stays,
};

HolderFate fate_of(
    const Input& input,
    const std::vector<Change>& removals,
    std::vector<Entry>& entries,
    const Endpoint& holder) {
    if (is_removed(removals, holder)) {
        return HolderFate::leaves;
    }
    if (holder.is_implicit() || doubt_about(input, holder)) {
        return HolderFate::stays;
    }
    Entry* entry = find_entry(entries, holder.key);
    if (entry == nullptr) {
        return is_stand_in(input, holder) ? HolderFate::makes_room : HolderFate::stays;
    }
    if (const Endpoint* moved = added_by(*entry); moved != nullptr && moved->id.value != 0) {
        return moved->id == holder.id ? HolderFate::stays : HolderFate::leaves;
    }
    const Change* change = entry->change();
    const bool is_idle = change != nullptr && change->actionability != Actionability::actionable;
    return is_idle || entry->wanted.id || find_maker(input, holder.key) != nullptr ? HolderFate::stays
                                                                                   : HolderFate::makes_room;
}

/// An endpoint that a reset restores may get another id than it had; any other entry is blocked.
void give_up_id(const Input& input, Entry& entry, const Endpoint& holder) {
    Endpoint& added = *added_by(entry);
    if (entry.wanted.accepts_network_managers) {
        added.id = {};
        const auto* replaced = std::get_if<ReplaceEndpoint>(&entry.change()->action);
        if (replaced != nullptr && replaced->from.flags == added.flags &&
            replaced->from.ifindex == added.ifindex) {
            entry.changes.clear();
        }
        return;
    }
    entry.changes = {idle_change(
        input,
        entry,
        Actionability::blocked,
        "id " + std::to_string(holder.id.value) + " is already used by endpoint " + to_string(holder.key) +
            "; pin another id or remove `id`")};
}

/// Returns whether an entry had to give up its id: others may have relied on the id that it would have freed.
bool give_up_one(const Input& input, const std::vector<Change>& removals, std::vector<Entry>& entries) {
    for (Entry& entry : entries) {
        const Endpoint* added = added_by(entry);
        if (added == nullptr || added->id.value == 0) {
            continue;
        }
        const Endpoint* holder = holder_of(input, entry, added->id);
        if (holder != nullptr && fate_of(input, removals, entries, *holder) == HolderFate::stays) {
            give_up_id(input, entry, *holder);
            return true;
        }
    }
    return false;
}

/// Gives the holder another id, because its id is pinned to another endpoint.
Change moved_change(const Input& input, const Endpoint& holder, Endpoint to, const std::string& source) {
    const EndpointId id = holder.id;
    to.id = {};
    Change change = endpoint_change(input.observed, ReplaceEndpoint{holder, to}, source);
    change.note =
        "by netlink: re-added, because id " + std::to_string(id.value) + " is pinned to another endpoint";
    return change;
}

} // namespace

void settle_ids(
    const Input& input,
    const std::vector<Change>& removals,
    std::vector<Entry>& entries,
    std::vector<Change>& others) {
    while (give_up_one(input, removals, entries)) {
    }
    for (Entry& entry : entries) {
        const Endpoint* added = added_by(entry);
        const Endpoint* holder =
            added == nullptr || added->id.value == 0 ? nullptr : holder_of(input, entry, added->id);
        if (holder == nullptr || fate_of(input, removals, entries, *holder) != HolderFate::makes_room) {
            continue;
        }
        Entry* owner = find_entry(entries, holder->key);
        if (owner == nullptr) {
            const std::string& source = input.ownership.stand_ins.at(holder->key).source;
            others.push_back(moved_change(input, *holder, *holder, source));
            others.back().for_network_manager = true;
            continue;
        }
        Endpoint to = *holder;
        if (const Endpoint* replaced = added_by(*owner)) {
            to = *replaced;
        } else if (owner->change() != nullptr) {
            to = std::get<SetEndpointFlags>(owner->change()->action).to;
        }
        owner->changes = {moved_change(input, *holder, to, to_string(owner->wanted.source))};
    }
}

} // namespace keeper::planner
