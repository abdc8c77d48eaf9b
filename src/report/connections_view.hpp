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

/// Live connections for a person and for a program.
namespace keeper {

/// Connections with everything that is shown of them.
struct ConnectionsView {
    std::vector<Connection> connections;
    ProcessesByInode processes;
    std::vector<Link> links; ///< for the names of interfaces
};

/// Leaves the connections of which some subflow, or the connection itself, has that port at either end.
void keep_port(std::vector<Connection>& connections, std::uint16_t port);

/// The interface that a subflow uses: the one that it is bound to, else the one that has its address; "" for
/// none.
[[nodiscard]] std::string interface_of(const ConnectionSubflow& subflow, const std::vector<Link>& links);

[[nodiscard]] std::string connections_json(const ConnectionsView& view);
/// The same on one line.
[[nodiscard]] std::string connections_json_line(const ConnectionsView& view);

/// What tells one subflow from another.
using SubflowPath = std::pair<EndpointKey, EndpointKey>;
/// Bytes a second, both directions together.
using Rates = std::map<SubflowPath, double>;
/// What each subflow carried between two looks. One that is new has none yet.
[[nodiscard]] Rates rates_between(
    const std::vector<Connection>& before,
    const std::vector<Connection>& after,
    std::chrono::milliseconds elapsed);

/// A table; with rates it has a column with a bar for each subflow, the longest for the fastest.
[[nodiscard]] std::string
connections_text(const ConnectionsView& view, const std::optional<Rates>& rates, Colour colour);

/// By what the screen of --watch is sorted; everything but the address with the largest first.
enum class SortKey { address, rate, bytes, rtt, process };
void sort_connections(ConnectionsView& view, const Rates& rates, SortKey key);

/// One frame for a terminal of that size: a headline, as much of the table as fits, and the keys.
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
