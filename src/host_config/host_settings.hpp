#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/endpoint.hpp"
#include "model/host_mechanism.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

/// A value for a net.mptcp sysctl in a file or in a command of a script.
struct SysctlLine {
    std::string name; ///< after "net.mptcp."
    std::string value;
    std::string file;
    int line = 0;
    friend bool operator==(const SysctlLine&, const SysctlLine&) = default;
};

/// A limit that a command sets.
struct LimitLine {
    std::string name; ///< "subflows" or "add_addr_accepted"
    std::string value;
    std::string file;
    int line = 0;
    friend bool operator==(const LimitLine&, const LimitLine&) = default;
};

/// An endpoint that a command adds.
struct EndpointLine {
    EndpointKey key;
    std::string interface; ///< empty: none
    EndpointFlags flags;
    std::string file;
    int line = 0;
    friend bool operator==(const EndpointLine&, const EndpointLine&) = default;
};

/// A command that removes or changes endpoints without saying which by address.
struct EndpointEdit {
    bool flushes = false;
    std::string file;
    int line = 0;
    friend bool operator==(const EndpointEdit&, const EndpointEdit&) = default;
};

/// What other programs' files say about MPTCP. What is known only when a command runs is left out, unless
/// noted.
struct HostSettings {
    std::vector<SysctlLine> sysctls; ///< those that take effect later behind the others
    std::vector<LimitLine> limits;
    std::vector<EndpointLine> endpoints;
    std::vector<EndpointEdit> endpoint_edits;
    std::vector<std::string> computed_endpoints; ///< FILE:LINE of those whose address is not known
    std::vector<std::string> profile_lines;      ///< FILE:LINE of what sets connection.mptcp-flags
    friend bool operator==(const HostSettings&, const HostSettings&) = default;
};

enum class WithIdle { no, yes };
/// With those of files that have no effect, these come first, so that the last value of a name is one that
/// has.
[[nodiscard]] HostSettings settings_of(const std::vector<MechanismFile>& files, WithIdle with_idle);

/// All net.mptcp.* lines of sysctl.d(5) files, in the order in which they count: a name that a glob matches
/// counts before those that are spelled out.
[[nodiscard]] std::vector<SysctlLine> sysctl_lines(const std::vector<HostFile>& files);

/// What a file of a NetworkManager profile says about MPTCP.
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

} // namespace keeper
