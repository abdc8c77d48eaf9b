#pragma once

#include <string>
#include <vector>

#include "model/endpoint.hpp"

namespace keeper {

/// What a command or a setting of another program's file does about MPTCP.
struct Statement {
    enum class Kind {
        sysctl,
        limit,
        endpoint,      ///< adds one
        endpoint_edit, ///< deletes, flushes or changes endpoints
        profile,       ///< sets connection.mptcp-flags
        program,       ///< makes one program use MPTCP
        every_program,
        opaque, ///< mentions MPTCP in a language that is not read
    };
    Kind kind = Kind::opaque;
    std::string name =
        {}; ///< a sysctl's after "net.mptcp.", a limit's; the address of an endpoint as written
    std::string value = {}; ///< of a sysctl or limit
    std::string interface = {};
    EndpointFlags flags = {};
    std::uint16_t port = 0;
    bool is_known = true; ///< false: name or value is known only when the command runs
    friend bool operator==(const Statement&, const Statement&) = default;
};

/// An entry of a file: the commands of a line of a script, a directive of a unit, a setting.
struct FileEntry {
    int line = 0;
    std::vector<Statement> statements = {}; ///< empty: it has nothing to do with MPTCP
    std::vector<std::string> starts =
        {};                    ///< files that it runs or reads, as written there: it does what they do
    bool does_more = false;    ///< something that would be missed, besides the statements
    bool is_removable = false; ///< its line can go without breaking the file
    friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

} // namespace keeper
