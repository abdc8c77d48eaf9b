#include "plan/managed_devices.hpp"

#include <algorithm>

#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"

namespace keeper {

namespace {

bool contains(const std::vector<Endpoint>& endpoints, const EndpointKey& key) {
    return std::any_of(
        endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) { return endpoint.key == key; });
}

/// As the kernel shows them: one before 6.18 drops laminar without a word, and NetworkManager's own default
/// holds it since 1.56.
std::vector<Endpoint> as_shown(std::vector<Endpoint> endpoints, const std::string& kernel_release) {
    if (is_older(kernel_release, 6, 18)) {
        for (Endpoint& endpoint : endpoints) {
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
    const auto found = observed.sysctls.find("enabled");
    return found != observed.sysctls.end() && found->second != "0";
}

bool will_be_enabled(const DesiredState& desired, const ObservedState& observed, const Scope& scope) {
    const auto declared = desired.sysctls.find("enabled");
    if (scope.has(Kind::sysctl) && declared != desired.sysctls.end()) {
        return declared->second.value != "0";
    }
    return is_enabled_now(observed);
}

std::vector<ManagedDevice>
managed_devices(const DesiredState& desired, const ObservedState& observed, const Scope& scope) {
    std::vector<ManagedDevice> result;
    if (!observed.network_manager) {
        return result;
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
                as_shown(endpoints_by_network_manager(live, *link, now), observed.kernel_release),
                as_shown(endpoints_by_network_manager(wanted, *link, then), observed.kernel_release),
            });
        }
    }
    return result;
}

const ManagedDevice* find_maker(const std::vector<ManagedDevice>& devices, const EndpointKey& key) {
    const auto found = std::find_if(devices.begin(), devices.end(), [&](const ManagedDevice& device) {
        return contains(device.present, key) || contains(device.wanted, key);
    });
    return found == devices.end() ? nullptr : &*found;
}

} // namespace keeper
