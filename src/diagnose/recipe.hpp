#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnose/leftovers.hpp"
#include "model/endpoint.hpp"
#include "model/host_file.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

/// An endpoint that a unit or a script adds by `ip mptcp endpoint add`, as far as it is spelled out there.
struct EndpointLine {
    EndpointKey key;
    std::string interface; ///< empty: none
    EndpointFlags flags;
    std::string file;
    int line = 0;
    friend bool operator==(const EndpointLine&, const EndpointLine&) = default;
};
/// A line whose address is a shell variable is left out.
[[nodiscard]] std::vector<EndpointLine> endpoint_lines(const std::vector<HostFile>& files);
/// "FILE:LINE" of those: which address they add is known only when they run.
[[nodiscard]] std::vector<std::string> computed_endpoint_lines(const std::vector<HostFile>& files);

/// What a NetworkManager keyfile says about MPTCP.
struct KeyfileProfile {
    std::string name; ///< connection.id
    std::string uuid;
    MptcpFlags flags;
    std::string file;
    int line = 0; ///< of mptcp-flags; 0 where it is not there
    friend bool operator==(const KeyfileProfile&, const KeyfileProfile&) = default;
};
/// Nothing where the file has no connection.id.
[[nodiscard]] std::optional<KeyfileProfile> parse_keyfile(const HostFile& file);

/// The files of others that may set MPTCP up.
struct RecipeFiles {
    std::vector<HostFile> sysctls;
    std::vector<HostFile> units; ///< and drop-ins, those of packages too
    std::vector<HostFile> hooks;
    std::vector<HostFile> systemtap;
    std::string root; ///< with which the paths begin: of an unbooted tree, "" for the running system
};

/// A file that the keeper makes superfluous.
struct Leftover {
    std::string file;
    std::string reason;                ///< what it does, and where the keeper has that
    std::vector<std::string> commands; ///< that retire it, in their order
    bool is_exported = true;           ///< an export says all that the file does
    friend bool operator==(const Leftover&, const Leftover&) = default;
};
/// The commands touch nothing outside of the root. Where a file does other things too, the commands retire
/// only the lines that are about MPTCP, or a comment
/// ("# …") names them.
[[nodiscard]] std::vector<Leftover> recipe_leftovers(const RecipeFiles& files);

} // namespace keeper
