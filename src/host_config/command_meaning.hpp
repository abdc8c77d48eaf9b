// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host_config/shell_reader.hpp"
#include "host_config/statement.hpp"

namespace keeper {

/// The effects of a command on MPTCP, and the files that it starts or reads.
struct CommandMeaning {
    std::vector<Statement> statements;
    std::vector<std::string> starts; ///< the effects of these are its own
    bool has_other_effects = false;  ///< beyond the statements
    friend bool operator==(const CommandMeaning&, const CommandMeaning&) = default;
};

/// The meaning of `command`, which reads the output of `feeder` (a null pointer for none). A command in
/// another network namespace has no effect. Accepts the abbreviations that iproute2 and nmcli accept.
[[nodiscard]] CommandMeaning
meaning_of(const shell::SimpleCommand& command, const shell::SimpleCommand* feeder = nullptr);

/// The entries of a script, or of the argument of `sh -c`.
[[nodiscard]] std::vector<FileEntry>
entries_of_script(std::string_view script, const shell::Variables& known = {});

/// "enabled" for "net.mptcp.enabled" and "net/mptcp/enabled"; "" for any other sysctl.
[[nodiscard]] std::string mptcp_sysctl_name(std::string_view name);

} // namespace keeper
