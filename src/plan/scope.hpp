// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>

#include "model/endpoint.hpp"
#include "model/process.hpp"

namespace keeper {

/// A section of the configuration, as in `apply --only`. NetworkManager's endpoints belong to profiles.
/// `applications` consists of units and the program hook, of which the daemon covers the latter.
enum class Section { sysctl, limits, endpoints, profiles, units, program_hook };

/// What a plan covers.
struct Scope {
    std::set<Section> sections{
        Section::sysctl,
        Section::limits,
        Section::endpoints,
        Section::profiles,
        Section::units,
        Section::program_hook};
    /// `apply --boot`: endpoints that name an interface wait until the host is up.
    bool boot = false;
    /// NetworkManager is not queried, and items that depend on it are deferred: for a daemon whose
    /// NetworkManager is running but does not answer.
    bool without_network_manager = false;
    /// Endpoints that were in the kernel before their address was usable. The kernel tried them then, failed,
    /// and does not try again for live connections: they must be re-added.
    std::set<SocketAddress> tried_too_early;
    /// Units may be restarted if their programs need it to use MPTCP.
    bool restart_units = false;
    /// The configuration came from --config; the drop-in generator does not see it.
    bool is_candidate = false;
    /// Units are declared, so that their files and processes must be read; see with_programs().
    bool units = false;
    /// The program hook is declared; see with_programs().
    bool declares_program_hook = false;
    /// The declaration switches MPTCP on; see with_programs().
    bool enables_mptcp = false;
    /// The processes that must be read from /proc; see with_programs().
    std::optional<ProcessQuery> programs;
    [[nodiscard]] bool has(Section section) const { return sections.count(section) != 0; }
};

} // namespace keeper
