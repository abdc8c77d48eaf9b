// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/socket_units.hpp"

#include <algorithm>
#include <charconv>

#include "applications/declared_units.hpp"
#include "applications/systemd_boolean.hpp"
#include "applications/unit_drop_ins.hpp"
#include "base/text/lines.hpp"
#include "base/text/shell_word.hpp"

namespace keeper {

namespace {

/// Calls visit(key, value) for each KEY=VALUE line.
template <class Visit>
void for_each_setting(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (const std::size_t equals = line.find('='); equals != std::string_view::npos) {
            visit(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
        }
    }
}

/// The value with %i and %I expanded; a template is treated as its instance "1".
std::string with_instance(std::string_view value, std::string_view unit) {
    const std::size_t at = unit.find('@');
    std::string_view instance =
        at == std::string_view::npos ? "" : unit.substr(at + 1, unit.rfind('.') - at - 1);
    instance = instance.empty() ? "1" : instance;
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool is_instance = value[i] == '%' && i + 1 < value.size() && (value[i + 1] | 0x20) == 'i';
        text += is_instance ? std::string(instance) : std::string(1, value[i]);
        i += is_instance ? 1 : 0;
    }
    return text;
}

/// "PORT", "1.2.3.4:PORT", "[x::y]:PORT" or "[x::y]:PORT%DEVICE"; std::nullopt if it is not a TCP address.
std::optional<UnitAddress> parse_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    UnitAddress result;
    if (colon != std::string_view::npos) {
        std::string_view host = text.substr(0, colon);
        if (host.starts_with('[') && host.ends_with(']')) {
            host = host.substr(1, host.size() - 2);
        }
        result.address = IpAddress::parse(host);
        if (!result.address) {
            return std::nullopt;
        }
    }
    std::string_view port = text.substr(colon == std::string_view::npos ? 0 : colon + 1);
    port = port.substr(0, port.find('%'));
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
    const bool is_port = error == std::errc{} && end == port.data() + port.size() && result.port != 0;
    return is_port ? std::optional(result) : std::nullopt;
}

void add_listen(std::string_view key, const std::string& value, SocketUnit& unit) {
    const auto address = key == "ListenStream" ? parse_address(value) : std::nullopt;
    if (value.empty()) {
        unit = {}; // an empty value of any Listen…= resets the whole list
    } else if (address) {
        unit.tcp.push_back(*address);
    } else if (unit.other.empty()) {
        unit.other = value;
    }
}

bool listens(const UnitAddress& address, const std::set<SocketAddress>& listeners) {
    return std::any_of(listeners.begin(), listeners.end(), [&](const SocketAddress& listener) {
        return listener.port == address.port &&
               (address.address ? listener.address == *address.address : listener.address.is_unspecified());
    });
}

} // namespace

SocketUnit parse_socket_unit(std::string_view text, std::string_view unit) {
    SocketUnit result;
    std::string service;
    bool accepts = false;
    for_each_setting(text, [&](std::string_view key, std::string_view value) {
        if (key.starts_with("Listen")) {
            add_listen(key, with_instance(value, unit), result);
        } else if (key == "Service") {
            service = with_instance(value, unit);
        } else if (key == "Accept") {
            accepts = parse_systemd_boolean(value).value_or(accepts);
        }
    });
    result.asks_for_mptcp = asks_for_mptcp(text);
    if (accepts) {
        const std::string_view stem = unit.substr(0, std::min(unit.find('@'), unit.rfind('.')));
        service = std::string(stem) + "@.service";
    }
    result.service = service;
    return result;
}

bool serves(const std::string& socket, const SocketUnit& unit, const std::string& service) {
    const std::string own = socket.substr(0, socket.rfind('.')) + ".service";
    const std::string& served = unit.service.empty() ? own : unit.service;
    return served == service || (is_template(served) && served == template_of(service));
}

bool asks_for_mptcp(std::string_view text) {
    bool result = false;
    for_each_setting(text, [&](std::string_view key, std::string_view value) {
        result = key == "SocketProtocol" ? value == "mptcp" : result;
    });
    return result;
}

std::string why_not_mptcp(const SocketUnit& unit) {
    if (!unit.other.empty()) {
        return "it listens on " + unit.other +
               ", which is not a TCP address, and systemd applies one protocol to the whole unit";
    }
    return unit.tcp.empty() ? "it does not listen on a TCP address" : "";
}

std::string why_not_mptcp(const std::string& unit, const ObservedUnits& host) {
    if (host.systemd_version < first_systemd_with_mptcp_sockets) {
        return "systemd " + std::to_string(host.systemd_version) +
               " does not support SocketProtocol=mptcp, which requires systemd " +
               std::to_string(first_systemd_with_mptcp_sockets) + " or later";
    }
    if (host.mptcp_stays_off) {
        return "net.mptcp.enabled is not 1, so systemd could not open its sockets; declare sysctl.enabled: true";
    }
    const auto found = host.sockets.find(unit);
    return why_not_mptcp(found != host.sockets.end() ? found->second : SocketUnit{});
}

std::string listen_without(const std::string& socket, const std::string& service) {
    const std::string unit = shell_word(service);
    return "systemctl disable --now " + shell_word(socket) + " && systemctl enable " + unit +
           " && systemctl restart " + unit;
}

std::string restart_without_stored_sockets(const std::string& service) {
    const std::string unit = shell_word(service);
    return "systemctl stop " + unit + "; systemctl clean --what=fdstore " + unit + "; systemctl start " +
           unit;
}

SocketUnitState state_of_sockets(const SocketUnit& unit, const Listeners& listeners) {
    const auto is_mptcp = [&](const UnitAddress& address) { return listens(address, listeners.mptcp); };
    const auto is_tcp = [&](const UnitAddress& address) { return listens(address, listeners.tcp); };
    if (!unit.tcp.empty() && std::all_of(unit.tcp.begin(), unit.tcp.end(), is_mptcp)) {
        return SocketUnitState::mptcp;
    }
    const bool is_open = std::any_of(unit.tcp.begin(), unit.tcp.end(), is_tcp);
    return is_open ? SocketUnitState::tcp : SocketUnitState::closed;
}

} // namespace keeper
