#pragma once

#include <set>
#include <string>
#include <vector>

#include "host_config/statement.hpp"
#include "model/host_mechanism.hpp"

namespace keeper {

/// A file that the keeper makes superfluous.
struct Leftover {
    std::string file;
    std::string reason;                ///< what it does, and where the keeper has that
    std::vector<std::string> commands; ///< that retire it, in their order
    bool is_exported = true;           ///< an export says all that the file does
    friend bool operator==(const Leftover&, const Leftover&) = default;
};

/// The commands touch nothing outside of `root`, with which the paths begin: of an unbooted tree, "" for the
/// running system. Where a file does other things too, the commands retire only the lines that are about
/// MPTCP, or a comment ("# …") names them.
[[nodiscard]] std::vector<Leftover>
recipe_leftovers(const std::vector<MechanismFile>& files, const std::string& root);

/// What a statement does, and where the keeper has that.
[[nodiscard]] std::string reason_of(const Statement& statement, Syntax syntax);

/// Scripts that do nothing that would be missed, by all of their paths.
struct SuperfluousScripts {
    std::set<std::string> ours;     ///< they do what the keeper does
    std::set<std::string> harmless; ///< they only set variables and the like
};

/// Whether the entry is about MPTCP and nothing else: its statements, or the scripts that it starts, are.
[[nodiscard]] bool is_superfluous(
    const FileEntry& entry,
    const std::string& folder,
    const std::string& root,
    const SuperfluousScripts& scripts);

/// Whether it does something else, besides the statements.
[[nodiscard]] bool does_more(
    const FileEntry& entry,
    const std::string& folder,
    const std::string& root,
    const SuperfluousScripts& scripts);

} // namespace keeper
