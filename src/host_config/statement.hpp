// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/endpoint.hpp"

namespace keeper {

/// The effect on MPTCP of a command or setting in another program's file.
struct Statement {
    enum class Kind {
        sysctl,
        limit,
        endpoint,      ///< adds an endpoint
        endpoint_edit, ///< deletes, flushes or changes endpoints
        profile,       ///< sets connection.mptcp-flags
        program,       ///< makes one program use MPTCP
        every_program, ///< makes all programs use MPTCP
        opaque,        ///< mentions MPTCP in an unsupported language
    };
    Kind kind = Kind::opaque;
    /// Of a sysctl after "net.mptcp.", or of a limit; for an endpoint its address as written.
    std::string name = {};
    std::string value = {}; ///< of a sysctl or limit
    std::string interface = {};
    EndpointFlags flags = {};
    std::uint16_t port = 0;
    bool is_known = true; ///< false: the name or value is only known when the command runs
    friend bool operator==(const Statement&, const Statement&) = default;
};

/// An entry of a file: the commands of a line of a script, a directive of a unit, a setting.
struct FileEntry {
    int line = 0;
    std::vector<Statement> statements = {}; ///< empty: no effect on MPTCP
    /// Files that it runs or reads, as written there: their effects are its own.
    std::vector<std::string> starts = {};
    bool has_other_effects = false; ///< beyond the statements
    bool is_removable = false;      ///< its line can be deleted without breaking the file
    friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

} // namespace keeper
