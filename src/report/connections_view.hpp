// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/connection.hpp"
#include "model/observed_state.hpp"
#include "report/style.hpp"

/// Live connections as text and as JSON.
namespace keeper {

/// Connections, and what a report needs to describe them.
struct ConnectionsView {
    std::vector<Connection> connections;
    ProcessesByInode processes;
    std::vector<Link> links; ///< for the interface names
};

/// Keeps the connections that use that port, local or remote, themselves or in one of their subflows.
void keep_port(std::vector<Connection>& connections, std::uint16_t port);

/// The interface that a subflow uses: the one that it is bound to, else the one with its local address; "" if
/// there is neither.
[[nodiscard]] std::string interface_of(const ConnectionSubflow& subflow, const std::vector<Link>& links);

[[nodiscard]] std::string connections_json(const ConnectionsView& view);
/// Like connections_json(), on one line.
[[nodiscard]] std::string connections_json_line(const ConnectionsView& view);

/// Identifies a subflow: its local and its remote end.
using SubflowPath = std::pair<SocketAddress, SocketAddress>;
/// Bytes per second, both directions together.
using Rates = std::map<SubflowPath, double>;
/// The rate of each subflow between two observations. A new subflow has none yet.
[[nodiscard]] Rates rates_between(
    const std::vector<Connection>& before,
    const std::vector<Connection>& after,
    std::chrono::milliseconds elapsed);

/// A table; with rates it has a bar for each subflow, the longest for the fastest.
[[nodiscard]] std::string
connections_text(const ConnectionsView& view, const std::optional<Rates>& rates, Colour colour);

/// The order of the --watch screen: ascending by address and process, otherwise the largest value first.
enum class SortKey { address, rate, bytes, rtt, process };
void sort_connections(ConnectionsView& view, const Rates& rates, SortKey key);

/// One screen for a terminal of that size: a summary, as much of the table as fits, and the keys.
[[nodiscard]] std::string connections_screen(
    const ConnectionsView& view,
    const Rates& rates,
    SortKey key,
    std::size_t columns,
    std::size_t rows,
    Colour colour);

/// "0", "999", "1.2k", "34.5M", "1.0G": powers of 1000.
[[nodiscard]] std::string short_number(double number);

} // namespace keeper
