// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/managed_devices.hpp"

#include <algorithm>

#include "plan/learned_bounds.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"

namespace keeper {

namespace {

/// Why it is unknown which endpoints NetworkManager creates; std::nullopt if it is known.
std::optional<std::string> why_unknown(const ObservedState& observed) {
    if (!observed.network_manager) {
        return observed.network_manager_error.empty() ? "NetworkManager was not queried"
                                                      : observed.network_manager_error;
    }
    if (!observed.links) {
        return observed.links.reason();
    }
    return observed.sysctls ? std::nullopt : std::optional(observed.sysctls.reason());
}

/// The endpoints as the kernel shows them. NetworkManager requests laminar by default since 1.56; kernels
/// drop flags that they do not know, or keep them without effect. If the device runs with laminar already and
/// this kernel is not known to keep it, an endpoint without it is as NetworkManager created it: replacing it
/// would close subflows and, on a kernel that drops the flag, repeat forever.
std::vector<Endpoint> as_shown(
    std::vector<Endpoint> endpoints,
    MptcpFlags live,
    const ObservedState& observed,
    const KernelBounds& kernel) {
    const bool may_be_dropped =
        live.has(MptcpFlag::laminar) || kernel.dropped_flags.has(EndpointFlag::laminar);
    if (!may_be_dropped || kept_flags(observed, kernel).has(EndpointFlag::laminar)) {
        return endpoints;
    }
    for (Endpoint& endpoint : endpoints) {
        const Endpoint* present = find_endpoint(observed, endpoint.key);
        if (present != nullptr && !present->is_implicit()) {
            endpoint.flags = endpoint.flags.without(EndpointFlag::laminar);
        }
    }
    return endpoints;
}

} // namespace

std::optional<std::string> unsupported_flag(MptcpFlags flags, const NetworkManagerState& network_manager) {
    if (!flags.empty() && !knows_mptcp_flags(network_manager)) {
        return "NetworkManager " + network_manager.version +
               " does not support connection.mptcp-flags, which requires 1.40 or later";
    }
    if (flags.has(MptcpFlag::laminar) && is_older(network_manager.version, 1, 56)) {
        return "NetworkManager " + network_manager.version +
               " does not support laminar, which requires 1.56 or later";
    }
    return std::nullopt;
}

bool will_be_enabled(const DesiredState& desired, const ObservedState& observed, const Scope& scope) {
    const auto declared = declared_enabled(desired);
    return scope.has(Section::sysctl) && declared ? declared->value : enabled_now(observed) == true;
}

Observed<std::vector<ManagedDevice>> managed_devices(
    const DesiredState& desired,
    const ObservedState& observed,
    const Scope& scope,
    const KernelBounds& kernel) {
    std::vector<ManagedDevice> result;
    if (!observed.network_manager && observed.network_manager_never_ran) {
        return result;
    }
    if (auto reason = why_unknown(observed)) {
        return Observed<std::vector<ManagedDevice>>::unknown(std::move(*reason));
    }
    const NetworkManagerState& network_manager = *observed.network_manager;
    const bool now = enabled_now(observed) == true;
    const bool then = will_be_enabled(desired, observed, scope);
    for (const Profile& profile : network_manager.profiles) {
        if (profile.activations.empty() || profile.skip_reason) {
            continue;
        }
        const ProfileRule* rule = deciding_rule(desired.profiles, profile);
        if (rule != nullptr && (!rule->flags || unsupported_flag(*rule->flags, network_manager))) {
            rule = nullptr;
        }
        for (const ProfileActivation& activation : profile.activations) {
            const Link* link = find_link(observed, activation.ifindex);
            if (link == nullptr) {
                continue;
            }
            const bool is_declared = rule != nullptr && rule->activation != Activation::defer;
            const MptcpFlags live = resolve(activation.live, activation, network_manager);
            const MptcpFlags wanted = is_declared ? resolve(*rule->flags, activation, network_manager) : live;
            result.push_back({
                .profile = &profile,
                .activation = &activation,
                .rule = rule,
                .present = as_shown(endpoints_by_network_manager(live, *link, now), live, observed, kernel),
                .wanted = as_shown(endpoints_by_network_manager(wanted, *link, then), live, observed, kernel),
            });
        }
    }
    return result;
}

const ManagedDevice* find_maker(const std::vector<ManagedDevice>& devices, const SocketAddress& key) {
    const auto found = std::find_if(devices.begin(), devices.end(), [&](const ManagedDevice& device) {
        return find_in(device.present, key) != nullptr || find_in(device.wanted, key) != nullptr;
    });
    return found == devices.end() ? nullptr : &*found;
}

const Endpoint* find_in(const std::vector<Endpoint>& endpoints, const SocketAddress& key) {
    const auto found = std::find_if(
        endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) { return endpoint.key == key; });
    return found == endpoints.end() ? nullptr : &*found;
}

} // namespace keeper
