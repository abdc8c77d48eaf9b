// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/link_kind.hpp"
#include "doctor/rules/rules.hpp"
#include "doctor/useless_endpoints.hpp"
#include "model/endpoint_use.hpp"

/// Endpoints that provide no path, and a full table.
namespace keeper::rules {

namespace {

/// Kernels have room for 8 endpoints, including implicit ones, or for 255: a table with 9 to 254 is not full.
bool may_be_full(std::size_t number) {
    constexpr std::size_t small_table = 8;
    constexpr std::size_t large_table = 255;
    return number == small_table || number >= large_table;
}

/// The last endpoint that is neither declared nor NetworkManager's, preferably one whose address is not
/// local; std::nullopt if there is none.
std::optional<Endpoint> least_useful(const Facts& facts) {
    std::optional<Endpoint> last;
    std::optional<Endpoint> last_not_local;
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        if (!is_declared(facts, endpoint) && !belongs_to_network_manager(facts, endpoint)) {
            last = endpoint;
            if (find_address(facts, endpoint.key.address).address == nullptr) {
                last_not_local = endpoint;
            }
        }
    }
    return last_not_local ? last_not_local : last;
}

std::string free_a_slot(const Facts& facts) {
    if (const std::string deletions = delete_useless(facts); !deletions.empty()) {
        return deletions;
    }
    if (const auto one = least_useful(facts)) {
        return "ip mptcp endpoint delete id " + std::to_string(one->id.value) + "   # " +
               to_string(one->key) + ", or another endpoint that no path needs: ip mptcp endpoint show";
    }
    return "ip mptcp endpoint show   # all are declared or NetworkManager's: declare mptcp-flags disabled "
           "for a profile that needs no path, or remove an endpoint from the configuration";
}

std::size_t count_owned(const Facts& facts, bool (*is_owned)(const Facts&, const Endpoint&)) {
    const std::vector<Endpoint> all = configured_endpoints(facts);
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const Endpoint& endpoint) { return is_owned(facts, endpoint); }));
}

void check_table(const Facts& facts, Findings& findings) {
    if (!may_be_full(facts.host.endpoints.or_empty().size()) || configured_endpoints(facts).empty()) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::endpoint_table_full,
         .severity = Severity::warning,
         .subject = "endpoints",
         .evidence = "there are " + std::to_string(facts.host.endpoints.or_empty().size()) +
                     " endpoints, and many kernels have room for only 8: further addresses are refused "
                     "(NetworkManager's: " +
                     std::to_string(count_owned(facts, belongs_to_network_manager)) +
                     ", declared: " + std::to_string(count_owned(facts, is_declared)) +
                     ", others without a path: " + std::to_string(useless_endpoints(facts).size()) + ")",
         .fix = free_a_slot(facts)});
}

/// Gives an endpoint without effect flags if its address can be a path; otherwise removes it.
std::string give_flags(const Facts& facts, const Endpoint& endpoint) {
    const DesiredEndpoint* declared = declared_endpoint(facts, endpoint.key);
    if (declared == nullptr && is_about_to_change(facts, endpoint)) {
        return "mptcp-keeper apply --only profiles";
    }
    if (declared != nullptr &&
        have_effect((declared->flags & facts.kernel.dropped_flags) ^ declared->flags)) {
        return "mptcp-keeper apply --only endpoints   # " + to_string(declared->source) +
               " declares other flags";
    }
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    const bool is_path = local.address != nullptr && !endpoint.key.address.is_link_local() &&
                         !path_objection(facts, *local.link, *local.address);
    if (!is_path && is_declared_present(facts, endpoint.key)) {
        Proposal proposal(facts);
        proposal.remove(endpoint);
        return proposal.yaml();
    }
    const bool is_to_be_deleted = !is_path || is_declared_absent(facts, endpoint.key);
    if (is_to_be_deleted && !belongs_to_network_manager(facts, endpoint)) {
        return "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value);
    }
    EndpointFlags flags = flags_for_role(facts);
    if (endpoint.key.port != 0) {
        flags = {EndpointFlag::signal}; // the kernel accepts no other flag together with a port
    }
    Proposal proposal(facts);
    proposal.redeclare(
        endpoint, endpoint.flags.has(EndpointFlag::backup) ? flags.with(EndpointFlag::backup) : flags);
    return proposal.yaml() + role_comment(facts);
}

void check_flags(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    if (have_effect(endpoint.flags)) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::endpoint_useless,
         .severity = Severity::warning,
         .subject = to_string(endpoint.key),
         .evidence = describe_flags(endpoint) + ", neither signal nor subflow: the kernel does not announce "
                                                "the address and opens no subflow from it",
         .fix = give_flags(facts, endpoint)});
}

/// The address of a bridge or container: other hosts cannot reach it, or only through another endpoint.
void check_place(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    if (!have_effect(endpoint.flags) || local.address == nullptr || is_declared(facts, endpoint) ||
        belongs_to_network_manager(facts, endpoint) || is_used(facts, endpoint) ||
        !is_host_internal(facts, local)) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::endpoint_useless,
         .severity = Severity::info,
         .subject = to_string(endpoint.key),
         .evidence =
             *describe_kind(facts, *local.link) +
             ": other hosts can hardly reach this address, but it uses up an endpoint and join attempts",
         .fix = "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value)});
}

} // namespace

Findings endpoint_table(const Facts& facts) {
    Findings findings;
    check_table(facts, findings);
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        check_flags(facts, endpoint, findings);
        check_place(facts, endpoint, findings);
    }
    return findings;
}

} // namespace keeper::rules
