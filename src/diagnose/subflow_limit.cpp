#include <algorithm>

#include "diagnose/fixes.hpp"
#include "diagnose/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

/// How many subflows besides the initial one the endpoints of one family can make. The initial subflow
/// uses one of them where it can, so that one is not counted.
std::uint32_t additional_subflows(const std::vector<Endpoint>& endpoints, EndpointFlag flag) {
    std::uint32_t most = 0;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        const auto number = std::count_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
            return endpoint.key.address.family() == family && endpoint.flags.has(flag);
        });
        most = std::max(most, static_cast<std::uint32_t>(number > 0 ? number - 1 : 0));
    }
    return most;
}

} // namespace

std::uint32_t wanted_subflows(const Facts& facts) {
    const std::vector<Endpoint> endpoints = configured_endpoints(facts);
    return std::max(
        {additional_subflows(endpoints, EndpointFlag::subflow),
         additional_subflows(endpoints, EndpointFlag::signal),
         facts.host.limits ? facts.host.limits->add_addr_accepted : 0,
         std::uint32_t{1}});
}

std::string raise_subflows(const Facts& facts) {
    constexpr std::uint32_t usual_most = 8; // kernels before 7.0 take no more
    const std::uint32_t limit = facts.host.limits ? facts.host.limits->subflows : 2;
    std::uint32_t proposed = std::max(wanted_subflows(facts), std::uint32_t{2});
    if (counter(facts.counters, "MPJoinRejected") > 0) {
        proposed = std::max(proposed, limit < usual_most ? std::min(usual_most, limit + 2) : limit + 2);
    }
    return "limits: {subflows: " + std::to_string(proposed) + "}";
}

} // namespace keeper::rules
