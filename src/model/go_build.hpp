// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace keeper {

/// How many bytes of a program's build information contain the version: header, length and text.
constexpr std::size_t go_build_header = 128;

/// The version of the Go toolchain that built a program, "1.24.4", from the start of its section
/// .go.buildinfo (debug/buildinfo of Go's library). "1.17" for all versions before 1.18, which store the text
/// elsewhere; std::nullopt for other data.
[[nodiscard]] std::optional<std::string> go_version_of(std::string_view build_info);

/// Whether programs built by that version listen and dial with MPTCP under GODEBUG=multipathtcp=1: since
/// Go 1.21. An empty version, or one that is not a release, counts as new.
[[nodiscard]] bool go_knows_mptcp(std::string_view version);

/// Whether GODEBUG=multipathtcp=1 also concerns net.ListenTCP and net.DialTCP, which since Go 1.24 behave as
/// net.Listen and net.Dial do. Other versions count as for go_knows_mptcp().
[[nodiscard]] bool go_covers_tcp_functions(std::string_view version);

/// Whether programs built by that version listen with MPTCP unless GODEBUG has multipathtcp=0: since Go 1.24.
/// An empty version, or one that is not a release, counts as new.
[[nodiscard]] bool go_listens_with_mptcp(std::string_view version);

} // namespace keeper
