// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/endpoint.hpp"
#include "model/mptcp_flags.hpp"
#include "model/source.hpp"

namespace keeper {

/// How a live device is brought in line with its profile's flags.
enum class Activation {
    automatic, ///< the least disruptive means; a reapply only if it cannot restart DHCP
    reapply,   ///< always a reapply
    defer,     ///< the live device keeps its flags until its next activation
};
/// As in the configuration file: "auto", "reapply", "defer".
[[nodiscard]] std::string_view to_string(Activation activation);

/// Which profiles a rule applies to. All keys that are not empty must match; any value of a key suffices.
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

/// One entry of `profiles`. Only the last rule that matches a profile applies.
struct ProfileRule {
    ProfileMatch match;
    std::optional<ProfileMatch> except; ///< a profile that matches this is excluded
    std::optional<MptcpFlags> flags;    ///< std::nullopt (`null` in the file) leaves the profile untouched
    Activation activation = Activation::automatic;
    Source source;
    friend bool operator==(const ProfileRule&, const ProfileRule&) = default;
};

/// One entry of `endpoints`.
struct DesiredEndpoint {
    std::optional<std::string> interface;
    EndpointFlags flags;          ///< empty only if absent
    std::optional<EndpointId> id; ///< pinned; std::nullopt lets the kernel choose
    bool absent = false;          ///< `state: absent`
    Source source;
    /// An endpoint that NetworkManager creates for this address is accepted instead. Set by a reset.
    bool accepts_network_managers = false;
    friend bool operator==(const DesiredEndpoint&, const DesiredEndpoint&) = default;
};

enum class ReconcileMode { enforce, report, manual };
/// As in the configuration file: "enforce", "report", "manual".
[[nodiscard]] std::string_view to_string(ReconcileMode mode);

/// The `reconcile` section with its defaults.
struct Reconcile {
    Declared<ReconcileMode> mode{ReconcileMode::enforce, {}};
    Declared<std::chrono::milliseconds> interval{std::chrono::milliseconds(1000), {}}; ///< 100 ms to 1 h
    friend bool operator==(const Reconcile&, const Reconcile&) = default;
};

/// The `metrics` section: where the daemon writes its metrics for Prometheus.
struct MetricsOutput {
    std::optional<Declared<std::string>> textfile; ///< an absolute path that ends in ".prom"; none: no file
    std::optional<Declared<bool>> counters;        ///< include the kernel's MPTcpExt counters; default false

    [[nodiscard]] bool with_counters() const { return counters && counters->value; }
    friend bool operator==(const MetricsOutput&, const MetricsOutput&) = default;
};

/// The merged declarations of all configuration files. Whatever is not declared is not touched.
struct DesiredState {
    /// By the name after "net.mptcp."; values in the kernel's notation ("1", "default").
    std::map<std::string, Declared<std::string>> sysctls;
    std::optional<Declared<std::uint32_t>> subflows;
    std::optional<Declared<std::uint32_t>> add_addr_accepted;
    std::vector<ProfileRule> profiles;
    std::map<SocketAddress, DesiredEndpoint> endpoints;
    /// systemd unit names and globs, each with the first place that declares it.
    std::map<std::string, Source> units;
    /// systemd unit names and globs whose programs stay on TCP. They take precedence over a glob in `units`.
    std::map<std::string, Source> never;
    /// systemd slices: programs below them use MPTCP, by BPF.
    std::map<std::string, Source> slices;
    /// All programs of the host use MPTCP, by BPF.
    std::optional<Declared<bool>> all_programs;
    MetricsOutput metrics;
    Reconcile reconcile;
    friend bool operator==(const DesiredState&, const DesiredState&) = default;
};

/// The number of names and globs, and of sets ("[a-z]") in globs, that `never` and `slices` may have together
/// if the program hook is declared.
inline constexpr std::size_t most_hook_names = 800;
inline constexpr std::size_t most_hook_sets = 250;

/// Whether any section but metrics and reconcile has content.
[[nodiscard]] bool declares_anything(const DesiredState& desired);
/// Whether `applications.all` or `slices` calls for the BPF program.
[[nodiscard]] bool declares_program_hook(const DesiredState& desired);
/// Whether net.mptcp.enabled is declared as 1; std::nullopt if it is not declared.
[[nodiscard]] std::optional<Declared<bool>> declared_enabled(const DesiredState& desired);

} // namespace keeper
