#include "plan/managed_devices.hpp"

#include <algorithm>

#include "plan/learned_bounds.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"

namespace keeper {

namespace {

/// Why it cannot be told which endpoints NetworkManager makes; nothing where it can.
std::optional<std::string> why_unknown(const ObservedState& observed) {
    if (!observed.network_manager) {
        return observed.network_manager_error.empty() ? "NetworkManager was not asked"
                                                      : observed.network_manager_error;
    }
    if (!observed.links) {
        return observed.links.reason();
    }
    return observed.sysctls ? std::nullopt : std::optional(observed.sysctls.reason());
}

/// As the kernel shows them. NetworkManager asks for laminar by default since 1.56; kernels drop flags that
/// they do not know, or keep them to no effect. Where the device runs with laminar already, and this kernel
/// was not yet seen to keep it, an endpoint without it is as NetworkManager made it: replacing it would close
/// subflows and, where the kernel drops it, never end.
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
               " does not know connection.mptcp-flags, 1.40 is the first that does";
    }
    if (flags.has(MptcpFlag::laminar) && is_older(network_manager.version, 1, 56)) {
        return "NetworkManager " + network_manager.version +
               " does not know laminar, 1.56 is the first that does";
    }
    return std::nullopt;
}

bool is_enabled_now(const ObservedState& observed) {
    const std::string* value = find_sysctl_value(observed, "enabled");
    return value != nullptr && *value != "0";
}

bool will_be_enabled(const DesiredState& desired, const ObservedState& observed, const Scope& scope) {
    const auto declared = desired.sysctls.find("enabled");
    if (scope.has(Kind::sysctl) && declared != desired.sysctls.end()) {
        return declared->second.value != "0";
    }
    return is_enabled_now(observed);
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
    const bool now = is_enabled_now(observed);
    const bool then = will_be_enabled(desired, observed, scope);
    for (const Profile& profile : network_manager.profiles) {
        const ProfileRule* rule = deciding_rule(desired.profiles, profile);
        if (rule != nullptr && (!rule->flags || unsupported_flag(*rule->flags, network_manager))) {
            rule = nullptr;
        }
        for (const ProfileActivation& activation : profile.activations) {
            const Link* link = find_link(observed, activation.ifindex);
            if (profile.skip_reason || link == nullptr) {
                continue;
            }
            const bool is_declared = rule != nullptr && rule->activation != Activation::defer;
            const MptcpFlags live = resolve(activation.live, activation, network_manager);
            const MptcpFlags wanted = is_declared ? resolve(*rule->flags, activation, network_manager) : live;
            result.push_back({
                &profile,
                &activation,
                rule,
                as_shown(endpoints_by_network_manager(live, *link, now), live, observed, kernel),
                as_shown(endpoints_by_network_manager(wanted, *link, then), live, observed, kernel),
            });
        }
    }
    return result;
}

const ManagedDevice* find_maker(const std::vector<ManagedDevice>& devices, const EndpointKey& key) {
    const auto found = std::find_if(devices.begin(), devices.end(), [&](const ManagedDevice& device) {
        return find_in(device.present, key) != nullptr || find_in(device.wanted, key) != nullptr;
    });
    return found == devices.end() ? nullptr : &*found;
}

const Endpoint* find_in(const std::vector<Endpoint>& endpoints, const EndpointKey& key) {
    const auto found = std::find_if(
        endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) { return endpoint.key == key; });
    return found == endpoints.end() ? nullptr : &*found;
}

} // namespace keeper
