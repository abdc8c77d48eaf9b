#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host_config/shell_reader.hpp"
#include "host_config/statement.hpp"

namespace keeper {

/// What a command does about MPTCP, and which files it starts or reads.
struct CommandMeaning {
    std::vector<Statement> statements;
    std::vector<std::string> starts; ///< what the command is counts by what these do
    bool does_more = false;          ///< it does something else that would be missed
    friend bool operator==(const CommandMeaning&, const CommandMeaning&) = default;
};

/// Of `command` behind `feeder`, whose output it reads; null for none. A command in another network namespace
/// does nothing here. Abbreviations are accepted as iproute2 and nmcli accept them.
[[nodiscard]] CommandMeaning
meaning_of(const shell::SimpleCommand& command, const shell::SimpleCommand* feeder = nullptr);

/// Of a whole script or of what follows `sh -c`.
[[nodiscard]] std::vector<FileEntry>
entries_of_script(std::string_view script, const shell::Variables& known = {});

/// "net.mptcp.enabled" and "net/mptcp/enabled" are "enabled"; "" for the name of another sysctl.
[[nodiscard]] std::string mptcp_sysctl_name(std::string_view name);

} // namespace keeper
