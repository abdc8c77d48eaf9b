// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/drift_history.hpp"

#include <algorithm>

namespace keeper {

namespace {

using namespace std::chrono_literals;

// Three repairs in ten minutes start a pause: first 10 s, doubling to ten minutes.
constexpr DriftHistory::Time window = 10min;
constexpr std::size_t repairs_before_pause = 3;
constexpr DriftHistory::Time first_pause = 10s;
constexpr DriftHistory::Time longest_pause = 10min;
constexpr DriftHistory::Time reassert_interval = 1min;
constexpr DriftHistory::Time first_retry = 1s;
constexpr DriftHistory::Time longest_retry = 1min;

} // namespace

bool DriftHistory::may_repair(const Item& item, Time now) const {
    const auto entry = entries_.find(item);
    return entry == entries_.end() || now >= entry->second.not_before;
}

void DriftHistory::repaired(const Item& item, Time now) {
    Entry& entry = entries_[item];
    entry.retry_pause = 0ms;
    // The conflict is over after a whole window plus the last pause without a repair.
    if (!entry.repairs.empty() && now - entry.repairs.back() > window + entry.pause) {
        entry = Entry{};
    }
    entry.repairs.push_back(now);
    while (now - entry.repairs.front() > window) {
        entry.repairs.pop_front();
    }
    if (entry.is_conflict()) {
        entry.pause = std::min(entry.pause * 2, longest_pause);
    } else if (entry.repairs.size() >= repairs_before_pause) {
        entry.pause = first_pause;
    }
    entry.not_before = now + entry.pause;
}

void DriftHistory::reasserted(const Item& item, Time now) {
    Entry& entry = entries_[item];
    entry.retry_pause = 0ms;
    entry.not_before = std::max(entry.not_before, now + reassert_interval);
}

void DriftHistory::failed(const Item& item, Time now) {
    Entry& entry = entries_[item];
    // Long after the last failure, this counts as the first one.
    const bool again = entry.retry_pause > 0ms && now - entry.not_before < longest_retry;
    entry.retry_pause = again ? std::min(entry.retry_pause * 2, longest_retry) : first_retry;
    entry.not_before = std::max(entry.not_before, now + entry.retry_pause);
}

void DriftHistory::forget_network_manager_items() {
    std::erase_if(entries_, [](const auto& entry) {
        return entry.first.resource == Resource::profile || entry.first.resource == Resource::endpoint;
    });
}

void DriftHistory::forget_failures() {
    for (auto& [item, entry] : entries_) {
        if (entry.retry_pause > 0ms) {
            entry.retry_pause = 0ms;
            entry.not_before = entry.repairs.empty() ? 0ms : entry.repairs.back() + entry.pause;
        }
    }
}

std::map<Resource, DriftHistory::Time> DriftHistory::next_tries(Time now) const {
    std::map<Resource, Time> first;
    for (const auto& [item, entry] : entries_) {
        if (entry.not_before > now) {
            const auto [known, is_new] = first.emplace(item.resource, entry.not_before);
            known->second = is_new ? known->second : std::min(known->second, entry.not_before);
        }
    }
    return first;
}

std::vector<Conflict> DriftHistory::conflicts(Time now) const {
    std::vector<Conflict> result;
    for (const auto& [item, entry] : entries_) {
        if (entry.is_conflict() && entry.not_before > now) {
            result.push_back({.item = item, .repairs = entry.repairs.size(), .retry_at = entry.not_before});
        }
    }
    return result;
}

} // namespace keeper
