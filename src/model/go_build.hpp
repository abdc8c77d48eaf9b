#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace keeper {

/// Bytes of a program's build information that hold the version: header, length and text.
constexpr std::size_t go_build_header = 128;

/// The version of the Go toolchain that made a program, "1.24.4", from the start of its section .go.buildinfo
/// (debug/buildinfo of Go's library). "1.17" stands for all before 1.18, which keep the text elsewhere;
/// nothing for other bytes.
[[nodiscard]] std::optional<std::string> go_version_of(std::string_view build_info);

/// Whether programs made by that version listen and dial with MPTCP for GODEBUG=multipathtcp=1: since
/// Go 1.21. An empty version, or one of no release, is taken for a new one.
[[nodiscard]] bool go_knows_mptcp(std::string_view version);

} // namespace keeper
