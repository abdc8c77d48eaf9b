// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/planner.hpp"

namespace keeper::planner {

namespace {

using Patch = std::optional<std::uint32_t> LimitsPatch::*;
using Member = std::uint32_t Limits::*;

struct LimitName {
    const char* name;
    const std::optional<Declared<std::uint32_t>>& declared;
    Member member;
    Patch patch;
};

void plan_limit(const Input& input, const LimitName& limit, Plan& plan) {
    const Observed<Limits>& observed = input.observed.limits;
    if (!limit.declared) {
        const auto baseline = input.ownership.limits.find(limit.name);
        if (baseline != input.ownership.limits.end() && observed) {
            plan.warnings.push_back(
                std::string("limit ") + limit.name + " is no longer declared, left at " +
                std::to_string((*observed).*limit.member) + " (was " +
                std::to_string(baseline->second.found) + " before " + baseline->second.source + ")");
        }
        return;
    }
    if (observed && (*observed).*limit.member == limit.declared->value) {
        return;
    }
    Change change;
    change.resource = Resource::limit;
    change.key = limit.name;
    change.after = limit.declared->value;
    change.source = to_string(limit.declared->source);
    if (observed) {
        change.before = (*observed).*limit.member;
        const std::optional<std::uint32_t>& maximum = input.ownership.kernel.limit_maximum;
        if (maximum && limit.declared->value > *maximum) {
            change.actionability = Actionability::blocked;
            change.note = std::to_string(limit.declared->value) + " exceeds this kernel's maximum of " +
                          std::to_string(*maximum);
        } else {
            LimitsPatch patch;
            patch.*limit.patch = limit.declared->value;
            change.action = SetLimit{patch};
        }
    } else {
        change.actionability = Actionability::blocked;
        change.note = input.observed.mptcp_supported ? observed.reason() : no_mptcp_in_kernel(input.observed);
    }
    plan.changes.push_back(std::move(change));
}

} // namespace

void plan_limits(const Input& input, Plan& plan) {
    const DesiredState& desired = input.desired;
    plan_limit(
        input,
        {.name = "subflows",
         .declared = desired.subflows,
         .member = &Limits::subflows,
         .patch = &LimitsPatch::subflows},
        plan);
    plan_limit(
        input,
        {.name = "add_addr_accepted",
         .declared = desired.add_addr_accepted,
         .member = &Limits::add_addr_accepted,
         .patch = &LimitsPatch::add_addr_accepted},
        plan);
}

} // namespace keeper::planner
