// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/doubts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace keeper {

namespace {

/// Collects the warnings with the text of their lines.
class Doubts {
  public:
    explicit Doubts(const std::vector<ConfigSource>& files) : files_(files) {}

    void add(const Source& source, const std::string& message) {
        const auto file = std::find_if(
            files_.begin(), files_.end(), [&](const ConfigSource& one) { return one.file == source.file; });
        warnings_.push_back(
            {.source = source,
             .message = message,
             .line_text = file == files_.end() ? std::string() : line_of(file->text, source.line)});
    }
    [[nodiscard]] std::vector<Diagnostic> take() { return std::move(warnings_); }

  private:
    const std::vector<ConfigSource>& files_;
    std::vector<Diagnostic> warnings_;
};

bool is_set_to(const DesiredState& desired, const std::string& sysctl, const std::string& value) {
    const auto found = desired.sysctls.find(sysctl);
    return found != desired.sysctls.end() && found->second.value == value;
}

bool announces_an_address(const DesiredState& desired) {
    return std::any_of(
               desired.endpoints.begin(),
               desired.endpoints.end(),
               [](const auto& one) {
                   return !one.second.absent && one.second.flags.has(EndpointFlag::signal);
               }) ||
           std::any_of(desired.profiles.begin(), desired.profiles.end(), [](const ProfileRule& rule) {
               return rule.flags && rule.flags->has(MptcpFlag::signal);
           });
}

/// Peers then join only announced addresses, and this host announces none.
void warn_of_closed_initial_address(const DesiredState& desired, Doubts& doubts) {
    if (is_set_to(desired, "allow_join_initial_addr_port", "0") && !announces_an_address(desired)) {
        doubts.add(
            desired.sysctls.at("allow_join_initial_addr_port").source,
            "connections accepted by this host get no second path: peers must not join the address that they "
            "connected to, and no endpoint or profile has the flag signal; declare an endpoint with "
            "flags: [signal] and a port or another address");
    }
}

/// ADD_ADDR with an IPv6 address and a port does not fit into a header that also has TCP timestamps. The
/// kernel drops it (AddAddrTxDrop), or drops the timestamps if the sysctl is set.
void warn_of_long_announcements(const DesiredState& desired, Doubts& doubts) {
    if (is_set_to(desired, "add_addr_v6_port_drop_ts", "1")) {
        return;
    }
    for (const auto& [key, endpoint] : desired.endpoints) {
        if (endpoint.absent || key.port == 0 || key.address.family() != Family::ipv6) {
            continue;
        }
        doubts.add(
            endpoint.source,
            fmt::format(
                "{} is not announced to peers while TCP timestamps are enabled, {}; remove `port`, or set "
                "net.ipv4.tcp_timestamps to 0",
                to_string(key),
                is_set_to(desired, "add_addr_v6_port_drop_ts", "0")
                    ? "because add_addr_v6_port_drop_ts is disabled"
                    : "unless the kernel has net.mptcp.add_addr_v6_port_drop_ts (since Linux 7.2)"));
    }
}

} // namespace

std::vector<Diagnostic> doubts(const DesiredState& desired, const std::vector<ConfigSource>& files) {
    Doubts doubts(files);
    warn_of_closed_initial_address(desired, doubts);
    warn_of_long_announcements(desired, doubts);
    return doubts.take();
}

} // namespace keeper
