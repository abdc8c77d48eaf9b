// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/join.hpp"
#include "base/text/printable.hpp"
#include "plan/planner.hpp"

/// The warning about a kernel table that is too small.
namespace keeper::planner {

namespace {

/// The addresses of declared profiles that have no endpoint.
std::vector<std::string> left_out(const Input& input) {
    std::vector<std::string> result;
    for (const ManagedDevice& device : input.devices.or_empty()) {
        for (const Endpoint& endpoint : device.wanted) {
            if (device.rule != nullptr && find_endpoint(input.observed, endpoint.key) == nullptr) {
                result.push_back(to_string(endpoint.key) + " (" + printable(device.profile->name) + ")");
            }
        }
    }
    return result;
}

/// The endpoints in the table that are neither created by NetworkManager nor declared; "" for none.
std::string other_holders(const Input& input) {
    std::vector<std::string> holders;
    for (const Endpoint& endpoint : *input.observed.endpoints) {
        if (!endpoint.is_implicit() && find_maker(*input.devices, endpoint.key) == nullptr &&
            !input.desired.endpoints.contains(endpoint.key) &&
            !input.ownership.stand_ins.contains(endpoint.key)) {
            holders.push_back(to_string(endpoint.key) + " (id " + std::to_string(endpoint.id.value) + ")");
        }
    }
    return holders.empty() ? ""
                           : "; other endpoints in the table: " + joined(holders, ", ") +
                                 " (`mptcp-keeper doctor` shows which are useless)";
}

} // namespace

void warn_of_full_table(const Input& input, Plan& plan) {
    if (!input.devices || !input.observed.endpoints) {
        return;
    }
    if (!input.exceeds_table) {
        return;
    }
    const std::vector<std::string> missing = left_out(input);
    if (missing.empty()) {
        return;
    }
    plan.warnings.push_back(
        std::string("the endpoint table has no room for all addresses of the declared profiles, and "
                    "NetworkManager chooses which get an endpoint; ") +
        (is_full_for_network_manager(input) ? "left out: " : "so far without one: ") + joined(missing, ", ") +
        other_holders(input));
}

} // namespace keeper::planner
