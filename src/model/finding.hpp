// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding_code.hpp"
#include "model/program.hpp"

namespace keeper {

enum class Severity { error, warning, info };
[[nodiscard]] std::string_view to_string(Severity severity);

/// A reason why connections do not use MPTCP, or soon will not.
struct Finding {
    FindingCode code = FindingCode::kernel_no_mptcp;
    Severity severity = Severity::warning;
    std::string subject;  ///< what it concerns: an interface, an endpoint, a file, a process
    std::string evidence; ///< what was observed, and its consequence
    std::string fix;      ///< a command or a YAML fragment to paste
    friend bool operator==(const Finding&, const Finding&) = default;
};

/// A check that could not be carried out.
struct SkippedCheck {
    std::string check;
    std::string reason;
    friend bool operator==(const SkippedCheck&, const SkippedCheck&) = default;
};

/// Where a probed connection stopped being MPTCP.
/// peer_or_path: this host cannot distinguish a peer without MPTCP from a path that removes the option from
/// the SYN.
enum class LostAt { nowhere, this_host, path, peer, peer_or_path, unknown };
[[nodiscard]] std::string_view to_string(LostAt where);

/// The result of a probe, with its evidence.
struct ProbeVerdict {
    std::string target;     ///< HOST:PORT as given on the command line
    std::string address;    ///< empty: the name could not be resolved
    bool connected = false; ///< with or without MPTCP
    LostAt lost_at = LostAt::unknown;
    std::string evidence;
    friend bool operator==(const ProbeVerdict&, const ProbeVerdict&) = default;
};

/// The result of doctor.
struct Diagnosis {
    std::vector<Finding> findings; ///< errors first, then warnings, then the rest
    std::vector<SkippedCheck> skipped;
    std::optional<ProbeVerdict> probe; ///< if one was requested
    /// Programs selected by --pid or --unit, with or without findings; std::nullopt if neither was given.
    std::optional<std::vector<Program>> programs;

    /// There is neither an error nor a warning. Skipped checks are not taken into account.
    [[nodiscard]] bool healthy() const;
    friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

} // namespace keeper
