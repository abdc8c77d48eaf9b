#pragma once

#include <map>
#include <optional>
#include <string>

#include "model/mptcp_event.hpp"
#include "plan/watched_state.hpp"
#include "report/repairs.hpp"
#include "report/wall_time.hpp"

/// One line for everything that a monitor hears of, each ended by a line feed. The text is the notation of
/// `ip mptcp monitor` in iproute2 7.2, the JSON one object.
namespace keeper {

/// What stands in front of a line with --timestamps, as `ip -ts` writes it, in local time:
/// "[2026-11-20T06:58:35.093885] ".
[[nodiscard]] std::string timestamp_text(WallTime time);

/// Names of interfaces by their index.
using InterfaceNames = std::map<std::int32_t, std::string>;

[[nodiscard]] std::string event_line(const MptcpEvent& event, const InterfaceNames& interfaces);
[[nodiscard]] std::string
event_json_line(WallTime time, const MptcpEvent& event, const InterfaceNames& interfaces);

[[nodiscard]] std::string changed_line(const WatchedChange& change);
[[nodiscard]] std::string changed_json_line(WallTime time, const WatchedChange& change);

/// A repair of the daemon, and how many before it the daemon does not remember any more.
[[nodiscard]] std::string repaired_line(const PublishedRepair& repair, std::uint64_t others);
[[nodiscard]] std::string
repaired_json_line(WallTime time, const PublishedRepair& repair, std::uint64_t others);

/// The kernel dropped events here.
[[nodiscard]] std::string overrun_line();
[[nodiscard]] std::string overrun_json_line(WallTime time);

} // namespace keeper
