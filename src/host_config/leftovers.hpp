// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "host_config/statement.hpp"
#include "model/host_mechanism.hpp"

namespace keeper {

/// A file that mptcp-keeper makes superfluous.
struct Leftover {
    std::string file;
    std::string reason;                ///< what it does, and which section of the configuration replaces it
    std::vector<std::string> commands; ///< that retire it, in order
    bool is_exported = true;           ///< an export covers everything that the file does
    friend bool operator==(const Leftover&, const Leftover&) = default;
};

/// Finds the superfluous files. `root` is the prefix of all paths: an unbooted tree, or "" for the running
/// system. The commands change nothing outside of it. If a file has other content, they retire only its MPTCP
/// lines, or a comment ("# …") names these.
[[nodiscard]] std::vector<Leftover>
find_leftovers(const std::vector<MechanismFile>& files, const std::string& root);

/// What a statement does, and which section of the configuration replaces it.
[[nodiscard]] std::string reason_of(const Statement& statement, Syntax syntax);

/// Scripts without other effects, by all of their paths.
struct SuperfluousScripts {
    std::set<std::string> mptcp_only; ///< they only configure MPTCP
    std::set<std::string> neutral;    ///< they only set variables or similar
};

/// Whether the entry only configures MPTCP, itself or through the scripts that it starts.
[[nodiscard]] bool is_superfluous(
    const FileEntry& entry,
    const std::string& folder,
    const std::string& root,
    const SuperfluousScripts& scripts);

/// Whether the entry has effects beyond its statements.
[[nodiscard]] bool has_other_effects(
    const FileEntry& entry,
    const std::string& folder,
    const std::string& root,
    const SuperfluousScripts& scripts);

} // namespace keeper
