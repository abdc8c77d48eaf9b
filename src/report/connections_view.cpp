// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/connections_view.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/json.hpp"

namespace keeper {

namespace {

Json subflow_json(const ConnectionSubflow& subflow, const std::vector<Link>& links) {
    return {
        {"local", to_string(subflow.local)},
        {"remote", to_string(subflow.remote)},
        {"interface", text_or_null(interface_of(subflow, links))},
        {"state", to_string(subflow.state)},
        {"kind", subflow.join ? "join" : "initial"},
        {"backup", subflow.backup},
        {"local_id", subflow.local_id},
        {"remote_id", subflow.remote_id},
        {"bytes_sent", subflow.bytes_sent},
        {"bytes_received", subflow.bytes_received},
        {"rtt_us", subflow.rtt_us}};
}

Json process_json(const ConnectionsView& view, std::uint64_t inode) {
    const auto found = view.processes.find(inode);
    if (found == view.processes.end()) {
        return nullptr;
    }
    const SocketProcess& process = found->second;
    return {{"pid", process.pid}, {"name", process.name}, {"unit", text_or_null(process.unit)}};
}

Json document_of(const ConnectionsView& view) {
    Json list = Json::array();
    for (const Connection& connection : view.connections) {
        Json subflows = Json::array();
        for (const ConnectionSubflow& subflow : connection.subflows) {
            subflows.push_back(subflow_json(subflow, view.links));
        }
        list.push_back(
            {{"token", fmt::format("{:08x}", connection.token)},
             {"local", to_string(connection.local)},
             {"remote", to_string(connection.remote)},
             {"state", to_string(connection.state)},
             {"fallback", connection.fallback},
             {"process", process_json(view, connection.inode)},
             {"subflows", std::move(subflows)}});
    }
    Json document;
    document["connections"] = std::move(list);
    return document;
}

} // namespace

void keep_port(std::vector<Connection>& connections, std::uint16_t port) {
    const auto has_port = [&](const auto& ends) {
        return ends.local.port == port || ends.remote.port == port;
    };
    std::erase_if(connections, [&](const Connection& connection) {
        return !has_port(connection) &&
               std::none_of(connection.subflows.begin(), connection.subflows.end(), has_port);
    });
}

std::string interface_of(const ConnectionSubflow& subflow, const std::vector<Link>& links) {
    const auto bound = std::find_if(links.begin(), links.end(), [&](const Link& link) {
        return subflow.ifindex.value != 0 && link.ifindex == subflow.ifindex;
    });
    if (bound != links.end()) {
        return bound->name;
    }
    for (const Link& link : links) {
        if (find_address(link, subflow.local.address) != nullptr) {
            return link.name;
        }
    }
    return "";
}

std::string connections_json(const ConnectionsView& view) {
    return to_document(document_of(view));
}

std::string connections_json_line(const ConnectionsView& view) {
    return json_line(document_of(view));
}

Rates rates_between(
    const std::vector<Connection>& before,
    const std::vector<Connection>& after,
    std::chrono::milliseconds elapsed) {
    std::map<SubflowPath, std::uint64_t> earlier;
    for (const Connection& connection : before) {
        for (const ConnectionSubflow& subflow : connection.subflows) {
            earlier[{subflow.local, subflow.remote}] = subflow.bytes_sent + subflow.bytes_received;
        }
    }
    Rates rates;
    const double seconds = std::max(static_cast<double>(elapsed.count()) / 1000, 0.001);
    for (const Connection& connection : after) {
        for (const ConnectionSubflow& subflow : connection.subflows) {
            const auto found = earlier.find({subflow.local, subflow.remote});
            const std::uint64_t now = subflow.bytes_sent + subflow.bytes_received;
            if (found != earlier.end() && now >= found->second) {
                rates[found->first] = static_cast<double>(now - found->second) / seconds;
            }
        }
    }
    return rates;
}

} // namespace keeper
