#include "engine/repair_accounts.hpp"

#include "engine/resource_kinds.hpp"

namespace keeper {

namespace {

Item item_of(const Change& change) {
    return {change.resource, change.key};
}

} // namespace

void RepairAccounts::forget() {
    history_.forget();
    told_.clear();
    rivals_.clear();
}

bool RepairAccounts::may_repair(const Change& change, Time now) const {
    return history_.may_repair(item_of(change), now);
}

void RepairAccounts::forget_ended(const std::set<Item>& open, const Scope& scope, IsBlind is_blind) {
    std::erase_if(told_, [&](const auto& entry) {
        const Item& item = entry.first;
        const bool is_decided = decides(scope, item.resource) &&
                                !(item.resource == Resource::profile && is_blind == IsBlind::yes);
        return is_decided && open.count(item) == 0;
    });
}

void RepairAccounts::applied(
    const ApplyReport& report, const Scope& scope, Time now, const IsLoading& is_loading) {
    std::set<Item> open;
    for (const AppliedChange& item : report.changes) {
        if (item.outcome != Outcome::applied) {
            open.insert(item_of(item.change));
        }
    }
    forget_ended(open, scope, names_no_profile(report) ? IsBlind::yes : IsBlind::no);
    for (const AppliedChange& item : report.changes) {
        switch (item.outcome) {
        case Outcome::applied:
            told_.erase(item_of(item.change));
            if (item.was_so) {
                break; // somebody else did it
            }
            if (is_loading(item.change)) {
                notices_.applied(item.change);
            } else {
                add_repair(item.change, now);
            }
            break;
        case Outcome::failed:
        case Outcome::reverted:
            if (item.undone && !is_loading(item.change)) {
                add_contest(item.change, now);
            }
            add_failure(item.change, item.error, now);
            break;
        case Outcome::deferred:
        case Outcome::unsupported:
            break;
        }
    }
}

void RepairAccounts::looked(const Plan& plan, const Scope& scope) {
    std::set<Item> open;
    for (const Change& change : plan.changes) {
        open.insert(item_of(change));
    }
    forget_ended(open, scope, plan.is_blind() ? IsBlind::yes : IsBlind::no);
    for (const Change& change : plan.changes) {
        if (change.standing == Standing::actionable && told_.try_emplace(item_of(change), "drift").second) {
            notices_.drifted(change);
        }
    }
}

void RepairAccounts::add_repair(const Change& change, Time now) {
    ++repairs_;
    last_repairs_.push_back({repairs_, change, std::chrono::system_clock::now()});
    if (last_repairs_.size() > most_remembered) {
        last_repairs_.pop_front();
    }
    notices_.repaired(change);
    if (change.undone_by_network_manager) {
        history_.reasserted(item_of(change), now);
    } else {
        add_contest(change, now);
    }
}

/// One more repair of the item, whether it lasted or was taken back before the round was over.
void RepairAccounts::add_contest(const Change& change, Time now) {
    const Item item = item_of(change);
    history_.repaired(item, now);
    for (const Conflict& conflict : history_.conflicts(now)) {
        if (conflict.item == item) {
            rivals_[item] = rival_finder_.likely_rival(change);
            notices_.backed_off(change, rivals_[item], conflict.retry_at - now);
        }
    }
}

void RepairAccounts::add_failure(const Change& change, const std::string& reason, Time now) {
    const Item item = item_of(change);
    history_.failed(item, now);
    if (told_[item] != reason) {
        notices_.failed(change, reason);
        told_[item] = reason;
    }
}

std::vector<NamedConflict> RepairAccounts::conflicts(Time now) const {
    std::vector<NamedConflict> result;
    for (const Conflict& conflict : history_.conflicts(now)) {
        const auto rival = rivals_.find(conflict.item);
        result.push_back({conflict, rival == rivals_.end() ? "another program" : rival->second});
    }
    return result;
}

} // namespace keeper
