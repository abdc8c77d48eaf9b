#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/endpoint.hpp"
#include "model/mptcp_flags.hpp"
#include "model/source.hpp"

namespace keeper {

/// How a live device is brought in line with its profile's flags.
enum class Activation {
    automatic, ///< the least disturbing means; a reapply only where it cannot restart DHCP
    reapply,   ///< always a reapply
    defer,     ///< the live device stays as it is until its next activation
};

/// What a profile rule looks at. Within a key any of the values may fit, all keys that are not empty must.
/// Names and interfaces are fnmatch(3) globs, case-sensitive; types are NetworkManager's names.
struct ProfileMatch {
    std::vector<std::string> names;
    std::vector<std::string> uuids;
    std::vector<std::string> interfaces;
    std::vector<std::string> types;

    [[nodiscard]] bool empty() const {
        return names.empty() && uuids.empty() && interfaces.empty() && types.empty();
    }
    friend bool operator==(const ProfileMatch&, const ProfileMatch&) = default;
};

/// One entry of `profiles`. The last rule that matches a profile decides alone.
struct ProfileRule {
    ProfileMatch match;
    std::optional<ProfileMatch> except; ///< a profile that fits this is no match
    std::optional<MptcpFlags> flags;    ///< nothing (`null` in the file) leaves the profile untouched
    Activation activation = Activation::automatic;
    Source source;
    friend bool operator==(const ProfileRule&, const ProfileRule&) = default;
};

/// One entry of `endpoints`.
struct DesiredEndpoint {
    std::optional<std::string> interface;
    EndpointFlags flags;          ///< empty only where absent
    std::optional<EndpointId> id; ///< a pin; nothing leaves the choice to the kernel
    bool absent = false;          ///< `state: absent`
    Source source;
    /// Where NetworkManager makes this endpoint itself, its own is as good: for what a reset puts back.
    bool or_network_managers = false;
    friend bool operator==(const DesiredEndpoint&, const DesiredEndpoint&) = default;
};

enum class ReconcileMode { enforce, report, manual };

/// The `reconcile` section; the defaults are the contract's.
struct Reconcile {
    Declared<ReconcileMode> mode{ReconcileMode::enforce, {}};
    Declared<std::chrono::milliseconds> interval{std::chrono::milliseconds(1000), {}}; ///< 100 ms to 1 h
    friend bool operator==(const Reconcile&, const Reconcile&) = default;
};

/// What the configuration declares, merged over all files. What is not in it is not declared, and nothing
/// that is not declared is touched.
struct DesiredState {
    /// By the name after "net.mptcp."; the value as the kernel shows it ("1", "default").
    std::map<std::string, Declared<std::string>> sysctls;
    std::optional<Declared<std::uint32_t>> subflows;
    std::optional<Declared<std::uint32_t>> add_addr_accepted;
    std::vector<ProfileRule> profiles;
    std::map<EndpointKey, DesiredEndpoint> endpoints;
    /// systemd unit names and globs, each with the first place that names it.
    std::map<std::string, Source> units;
    Reconcile reconcile;
    friend bool operator==(const DesiredState&, const DesiredState&) = default;
};

} // namespace keeper
