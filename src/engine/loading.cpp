// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/loading.hpp"

#include <algorithm>

#include "engine/resource_sections.hpp"

namespace keeper {

namespace {

bool was_not_reached(const AppliedChange& item) {
    switch (item.outcome) {
    case Outcome::deferred:
        return true;
    case Outcome::failed:
    case Outcome::reverted:
        return !item.undone; // one that was undone was reached, and is contested
    case Outcome::applied:
    case Outcome::unsupported:
        return false;
    }
    return false;
}

} // namespace

void Loading::begin() {
    untried_ = {
        Resource::sysctl, Resource::limit, Resource::endpoint, Resource::profile, Resource::program_hook};
    outstanding_.clear();
}

void Loading::clear() {
    untried_.clear();
    outstanding_.clear();
}

bool Loading::includes(const Change& change) const {
    return untried_.count(change.resource) != 0 || outstanding_.count({change.resource, change.key}) != 0;
}

void Loading::record_apply(const Scope& scope, const ApplyReport& report) {
    std::set<Item> left;
    for (const AppliedChange& item : report.changes) {
        if (includes(item.change) && was_not_reached(item)) {
            left.insert({item.change.resource, item.change.key});
        }
    }
    const bool is_blind = lacks_profiles(report);
    const auto is_decided = [&](Resource resource) {
        return decides(scope, resource) && !(resource == Resource::profile && is_blind);
    };
    std::erase_if(untried_, is_decided);
    std::erase_if(outstanding_, [&](const Item& item) { return is_decided(item.resource); });
    outstanding_.merge(left);
}

} // namespace keeper
