// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/connections_view.hpp"

namespace keeper {

namespace {

constexpr std::size_t bar_columns = 12;

double rate_of(const Rates& rates, const ConnectionSubflow& subflow) {
    const auto found = rates.find({subflow.local, subflow.remote});
    return found == rates.end() ? 0 : found->second;
}

/// A bar in steps of an eighth of a column; the fastest subflow has the full width.
std::string bar_of(double rate, double fastest) {
    constexpr std::array<std::string_view, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double share = fastest > 0 ? rate / fastest : 0;
    const auto eighths = static_cast<std::size_t>(share * 8 * static_cast<double>(bar_columns) + 0.5);
    std::string bar;
    for (std::size_t i = 0; i < eighths / 8; ++i) {
        bar += "█";
    }
    return bar.append(parts[eighths % 8]);
}

std::string rtt_text(std::uint32_t microseconds) {
    return microseconds == 0 ? "" : fmt::format("{:.3g} ms", static_cast<double>(microseconds) / 1000);
}

std::string process_text(const ConnectionsView& view, std::uint64_t inode) {
    const auto found = view.processes.find(inode);
    if (found == view.processes.end()) {
        return "";
    }
    const SocketProcess& process = found->second;
    std::string text = fmt::format("{}[{}]", printable(process.name), process.pid);
    return process.unit.empty() ? text : text + " " + printable(process.unit);
}

struct Totals {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint32_t rtt_us = 0; ///< the lowest of all subflows
    double rate = 0;
};

Totals totals_of(const Connection& connection, const Rates& rates) {
    Totals totals;
    for (const ConnectionSubflow& subflow : connection.subflows) {
        totals.sent += subflow.bytes_sent;
        totals.received += subflow.bytes_received;
        totals.rate += rate_of(rates, subflow);
        if (totals.rtt_us == 0 || (subflow.rtt_us != 0 && subflow.rtt_us < totals.rtt_us)) {
            totals.rtt_us = subflow.rtt_us;
        }
    }
    return totals;
}

std::string number_text(std::uint64_t number) {
    return short_number(static_cast<double>(number));
}

using Row = std::vector<Cell>;

Row connection_row(const ConnectionsView& view, const Connection& connection, const Rates* rates) {
    const Totals totals = totals_of(connection, rates != nullptr ? *rates : Rates{});
    const Tone tone = Tone::strong;
    Row row{
        {fmt::format("{:08x}", connection.token), tone},
        {to_string(connection.local), tone},
        {to_string(connection.remote), tone},
        {""},
        {""},
        connection.fallback ? Cell{"fallback to TCP", Tone::caution}
                            : Cell{to_string(connection.state), tone},
        {number_text(totals.sent), tone},
        {number_text(totals.received), tone},
        {""}};
    if (rates != nullptr) {
        row.push_back({short_number(totals.rate) + "B/s", tone});
        row.push_back({""});
    }
    row.push_back({process_text(view, connection.inode), tone});
    return row;
}

Row subflow_row(
    const ConnectionsView& view, const ConnectionSubflow& subflow, const Rates* rates, double fastest) {
    const bool is_established = subflow.state == SocketState::established;
    Row row{
        {fmt::format("  {}{}", subflow.join ? "J" : "M", subflow.backup ? " backup" : ""), Tone::faint},
        {to_string(subflow.local)},
        {to_string(subflow.remote)},
        {printable(interface_of(subflow, view.links))},
        {fmt::format("{}/{}", subflow.local_id, subflow.remote_id)},
        {to_string(subflow.state), is_established ? Tone::good : Tone::caution},
        {number_text(subflow.bytes_sent)},
        {number_text(subflow.bytes_received)},
        {rtt_text(subflow.rtt_us)}};
    if (rates != nullptr) {
        const double rate = rate_of(*rates, subflow);
        row.push_back({short_number(rate) + "B/s"});
        row.push_back({bar_of(rate, fastest), Tone::good});
    }
    return row;
}

Row column_titles(bool has_rates) {
    Row row;
    for (const char* title :
         {"TOKEN", "LOCAL", "REMOTE", "INTERFACE", "IDS", "STATE", "SENT", "RECEIVED", "RTT"}) {
        row.push_back({title, Tone::faint});
    }
    if (has_rates) {
        row.push_back({"RATE", Tone::faint});
        row.push_back({"", Tone::faint});
    }
    row.push_back({"PROCESS", Tone::faint});
    return row;
}

std::vector<Row> table_of(const ConnectionsView& view, const Rates* rates, std::size_t max_rows) {
    double fastest = 0;
    if (rates != nullptr) {
        for (const auto& [path, rate] : *rates) {
            fastest = std::max(fastest, rate);
        }
    }
    std::vector<Row> rows{column_titles(rates != nullptr)};
    for (const Connection& connection : view.connections) {
        if (rows.size() > max_rows) {
            break;
        }
        rows.push_back(connection_row(view, connection, rates));
        for (const ConnectionSubflow& subflow : connection.subflows) {
            rows.push_back(subflow_row(view, subflow, rates, fastest));
        }
    }
    return rows;
}

std::string summary_of(const std::vector<Connection>& connections) {
    std::size_t subflows = 0;
    std::size_t fallbacks = 0;
    for (const Connection& connection : connections) {
        subflows += connection.subflows.size();
        fallbacks += connection.fallback ? 1 : 0;
    }
    std::string text = count_of(connections.size(), "MPTCP connection", "MPTCP connections") + ", " +
                       count_of(subflows, "subflow", "subflows");
    return fallbacks == 0 ? text : text + fmt::format(", {} fell back to TCP", fallbacks);
}

std::string_view sort_key_name(SortKey key) {
    switch (key) {
    case SortKey::address:
        return "address";
    case SortKey::rate:
        return "rate";
    case SortKey::bytes:
        return "bytes";
    case SortKey::rtt:
        return "rtt";
    case SortKey::process:
        return "process";
    }
    return "";
}

} // namespace

std::string short_number(double number) {
    constexpr std::array<std::string_view, 7> units{"", "k", "M", "G", "T", "P", "E"};
    std::size_t unit = 0;
    while (number >= 999.5 && unit + 1 < units.size()) {
        number /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f}", number) : fmt::format("{:.1f}{}", number, units[unit]);
}

std::string connections_text(const ConnectionsView& view, const std::optional<Rates>& rates, Colour colour) {
    std::string text;
    if (!view.connections.empty()) {
        text = render_table(table_of(view, rates ? &*rates : nullptr, SIZE_MAX - 1), colour, "");
    }
    return text + paint(colour, Tone::strong, summary_of(view.connections)) + "\n";
}

void sort_connections(ConnectionsView& view, const Rates& rates, SortKey key) {
    const auto weight_of = [&](const Connection& connection) -> double {
        const Totals totals = totals_of(connection, rates);
        switch (key) {
        case SortKey::rate:
            return totals.rate;
        case SortKey::bytes:
            return static_cast<double>(totals.sent + totals.received);
        case SortKey::rtt:
            return totals.rtt_us;
        case SortKey::address:
        case SortKey::process:
            return 0;
        }
        return 0;
    };
    struct Entry {
        double weight;
        std::string process;
        Connection connection;
    };
    std::vector<Entry> entries;
    entries.reserve(view.connections.size());
    for (Connection& connection : view.connections) {
        const double weight = weight_of(connection);
        std::string process = key == SortKey::process ? process_text(view, connection.inode) : std::string();
        entries.push_back({weight, std::move(process), std::move(connection)});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        if (a.weight != b.weight) {
            return a.weight > b.weight;
        }
        return std::tie(a.process, a.connection.local, a.connection.remote, a.connection.token) <
               std::tie(b.process, b.connection.local, b.connection.remote, b.connection.token);
    });
    view.connections.clear();
    for (Entry& entry : entries) {
        view.connections.push_back(std::move(entry.connection));
    }
}

std::string connections_screen(
    const ConnectionsView& view,
    const Rates& rates,
    SortKey key,
    std::size_t columns,
    std::size_t rows,
    Colour colour) {
    const std::size_t table_rows = rows > 4 ? rows - 4 : 1;
    auto table = table_of(view, &rates, table_rows);
    table.resize(std::min(table.size(), table_rows));
    std::string text = paint(colour, Tone::strong, summary_of(view.connections)) + "\n\n";
    text += render_table(table, colour, "");
    for (std::size_t used = table.size(); used < table_rows; ++used) {
        text += "\n";
    }
    const std::string keys = fmt::format(
        "sorted by {}; keys: s address  t rate  b bytes  r rtt  p process  q quit", sort_key_name(key));
    return text + "\n" + paint(colour, Tone::faint, keys.substr(0, columns));
}

} // namespace keeper
