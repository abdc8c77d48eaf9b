// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/endpoint.hpp"
#include "model/host_mechanism.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

/// A value for a net.mptcp sysctl in a file or a script.
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
    SocketAddress key;
    std::string interface; ///< empty: none
    EndpointFlags flags;
    std::string file;
    int line = 0;
    friend bool operator==(const EndpointLine&, const EndpointLine&) = default;
};

/// A command that removes or changes endpoints that it does not name by address.
struct EndpointEdit {
    bool flushes = false;
    std::string file;
    int line = 0;
    friend bool operator==(const EndpointEdit&, const EndpointEdit&) = default;
};

/// The MPTCP settings in other programs' files. Values that are only known when a command runs are left out
/// unless noted.
struct HostSettings {
    std::vector<SysctlLine> sysctls; ///< in the order in which they take effect
    std::vector<LimitLine> limits;
    std::vector<EndpointLine> endpoints;
    std::vector<EndpointEdit> endpoint_edits;
    std::vector<std::string> computed_endpoints; ///< FILE:LINE of those with an unknown address
    std::vector<std::string> profile_lines;      ///< FILE:LINE of lines that set connection.mptcp-flags
    friend bool operator==(const HostSettings&, const HostSettings&) = default;
};

enum class WithIdle { no, yes };
/// WithIdle::yes includes files without effect. They come first, so that the last value of a name is from a
/// file with effect, if there is one.
[[nodiscard]] HostSettings settings_of(const std::vector<MechanismFile>& files, WithIdle with_idle);

/// All net.mptcp.* lines of sysctl.d(5) files in the order in which they take effect: names matched by a glob
/// before those that are spelled out.
[[nodiscard]] std::vector<SysctlLine> sysctl_lines(const std::vector<HostFile>& files);

/// The MPTCP settings of a NetworkManager profile's file.
struct KeyfileProfile {
    std::string name; ///< connection.id
    std::string uuid;
    MptcpFlags flags;
    std::string file;
    int line = 0; ///< of mptcp-flags; 0 if not set
    friend bool operator==(const KeyfileProfile&, const KeyfileProfile&) = default;
};
/// std::nullopt if the file has no connection.id.
[[nodiscard]] std::optional<KeyfileProfile> parse_keyfile(const HostFile& file);

} // namespace keeper
