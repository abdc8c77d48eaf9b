// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/text/wall_time.hpp"
#include "daemon_record/published_repair.hpp"
#include "model/mptcp_event.hpp"
#include "plan/watched_state.hpp"

/// One line for each event of `mptcp-keeper monitor`, ended by a line feed: text in the notation of
/// `ip mptcp monitor` in iproute2 7.2, or one JSON object.
namespace keeper {

/// The prefix of a line with --timestamps, as `ip -ts` prints it, in local time:
/// "[2026-11-20T06:58:35.093885] ".
[[nodiscard]] std::string timestamp_text(WallTime time);

/// Interface names by index.
using InterfaceNames = std::map<std::int32_t, std::string>;

[[nodiscard]] std::string event_line(const MptcpEvent& event, const InterfaceNames& interfaces);
[[nodiscard]] std::string
event_json_line(WallTime time, const MptcpEvent& event, const InterfaceNames& interfaces);

[[nodiscard]] std::string changed_line(const WatchedChange& change);
[[nodiscard]] std::string changed_json_line(WallTime time, const WatchedChange& change);

/// A repair by the daemon; `others` is the number of earlier repairs that the daemon no longer records.
[[nodiscard]] std::string repaired_line(const PublishedRepair& repair, std::uint64_t others);
[[nodiscard]] std::string
repaired_json_line(WallTime time, const PublishedRepair& repair, std::uint64_t others);

/// The kernel dropped events because its queue was full.
[[nodiscard]] std::string overrun_line();
[[nodiscard]] std::string overrun_json_line(WallTime time);

} // namespace keeper
