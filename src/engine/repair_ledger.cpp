// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/repair_ledger.hpp"

#include "engine/resource_sections.hpp"

namespace keeper {

namespace {

Item item_of(const Change& change) {
    return {change.resource, change.key};
}

} // namespace

void RepairLedger::forget() {
    history_.forget();
    reported_.clear();
    rivals_.clear();
}

bool RepairLedger::may_repair(const Change& change, Time now) const {
    return history_.may_repair(item_of(change), now);
}

void RepairLedger::forget_resolved(const std::set<Item>& open, const Scope& scope, Profiles profiles) {
    std::erase_if(reported_, [&](const auto& entry) {
        const Item& item = entry.first;
        const bool is_decided = decides(scope, item.resource) &&
                                !(item.resource == Resource::profile && profiles == Profiles::unread);
        return is_decided && open.count(item) == 0;
    });
}

void RepairLedger::record_apply(
    const ApplyReport& report, const Scope& scope, Time now, const IsLoading& is_loading) {
    std::set<Item> open;
    for (const AppliedChange& item : report.changes) {
        if (item.outcome != Outcome::applied) {
            open.insert(item_of(item.change));
        }
    }
    forget_resolved(open, scope, lacks_profiles(report) ? Profiles::unread : Profiles::read);
    for (const AppliedChange& item : report.changes) {
        switch (item.outcome) {
        case Outcome::applied:
            reported_.erase(item_of(item.change));
            if (item.was_already_done) {
                break; // another program did it
            }
            if (is_loading(item.change)) {
                notices_.applied(item.change);
            } else {
                record_repair(item.change, now);
            }
            break;
        case Outcome::failed:
        case Outcome::reverted:
            if (item.undone && !is_loading(item.change)) {
                count_repair(item.change, now);
            }
            record_failure(item.change, item.error, now);
            break;
        case Outcome::deferred:
        case Outcome::unsupported:
            break;
        }
    }
}

void RepairLedger::record_check(const Plan& plan, const Scope& scope) {
    std::set<Item> open;
    for (const Change& change : plan.changes) {
        open.insert(item_of(change));
    }
    forget_resolved(open, scope, plan.is_blind() ? Profiles::unread : Profiles::read);
    for (const Change& change : plan.changes) {
        if (change.actionability == Actionability::actionable &&
            reported_.try_emplace(item_of(change), "drift").second) {
            notices_.drifted(change);
        }
    }
}

void RepairLedger::record_repair(const Change& change, Time now) {
    ++repairs_;
    ++repairs_of_[change.resource];
    last_repairs_.push_back({.number = repairs_, .change = change, .time = clock_.wall_now()});
    if (last_repairs_.size() > most_remembered) {
        last_repairs_.pop_front();
    }
    notices_.repaired(change);
    if (change.undone_by_network_manager) {
        history_.reasserted(item_of(change), now);
    } else {
        count_repair(change, now);
    }
}

void RepairLedger::count_repair(const Change& change, Time now) {
    const Item item = item_of(change);
    history_.repaired(item, now);
    for (const Conflict& conflict : history_.conflicts(now)) {
        if (conflict.item == item) {
            rivals_[item] = rival_finder_.likely_rival(change);
            notices_.backed_off(change, rivals_[item], conflict.retry_at - now);
        }
    }
}

void RepairLedger::record_failure(const Change& change, const std::string& reason, Time now) {
    const Item item = item_of(change);
    history_.failed(item, now);
    if (reported_[item] != reason) {
        notices_.failed(change, reason);
        reported_[item] = reason;
    }
}

std::vector<NamedConflict> RepairLedger::conflicts(Time now) const {
    std::vector<NamedConflict> result;
    for (const Conflict& conflict : history_.conflicts(now)) {
        const auto rival = rivals_.find(conflict.item);
        result.push_back({conflict, rival == rivals_.end() ? "another program" : rival->second});
    }
    return result;
}

} // namespace keeper
