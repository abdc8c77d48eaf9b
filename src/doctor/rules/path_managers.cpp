// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "doctor/useless_endpoints.hpp"
#include "host_config/mptcpd_config.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

/// Under the name that the configuration already uses, if any: declaring both is an error.
std::string select_kernel_path_manager(const Facts& facts) {
    const std::string* name = declared_sysctl(facts, "path_manager");
    const std::string* type = declared_sysctl(facts, "pm_type");
    if ((name != nullptr && *name == "kernel") || (type != nullptr && *type == "0")) {
        return "mptcp-keeper apply --only sysctl   # already declared";
    }
    const bool has_name = find_sysctl_value(facts.host, "path_manager") != nullptr && type == nullptr;
    return has_name || name != nullptr ? "sysctl: {path_manager: kernel}" : "sysctl: {pm_type: 0}";
}

void check_userspace(const Facts& facts, Findings& findings) {
    if (!uses_userspace_path_manager(facts)) {
        return;
    }
    const bool has_daemon = facts.mptcpd && facts.mptcpd->pid;
    const std::uint64_t dropped = counter(facts.counters, "AddAddrDrop");
    findings.push_back(
        {.code = FindingCode::userspace_path_manager,
         .severity = has_daemon ? Severity::warning : Severity::error,
         .subject = find_sysctl_value(facts.host, "path_manager") != nullptr ? "net.mptcp.path_manager"
                                                                             : "net.mptcp.pm_type",
         .evidence =
             "a path manager in user space manages new connections, which do not use this host's endpoints and limits" +
             std::string(has_daemon ? "; mptcpd is running" : "; mptcpd is not running") +
             (dropped > 0 ? "; announcements dropped: " + std::to_string(dropped) + " (AddAddrDrop)" : ""),
         .fix = select_kernel_path_manager(facts)});
}

bool has_other_manager(const Facts& facts) {
    const bool declared =
        facts.desired && (!facts.desired->endpoints.empty() || !facts.desired->profiles.empty() ||
                          facts.desired->subflows || facts.desired->add_addr_accepted);
    return declared || facts.host.network_manager.has_value() || !configured_endpoints(facts).empty();
}

/// Endpoints that mptcpd added remain after it has stopped, until the host reboots.
std::string stop_mptcpd(const Facts& facts) {
    const std::string useless = delete_useless(facts);
    return "systemctl disable --now mptcp.service" +
           (useless.empty() ? std::string("   # its endpoints remain: ip mptcp endpoint show")
                            : "\n" + useless);
}

void check_mptcpd_conflict(const Facts& facts, Findings& findings) {
    if (!facts.mptcpd->pid || !has_other_manager(facts)) {
        return;
    }
    if (declares_userspace_path_manager(facts) && uses_userspace_path_manager(facts)) {
        return; // as declared, mptcpd alone manages new connections
    }
    findings.push_back(
        {.code = FindingCode::mptcpd_conflict,
         .severity = Severity::warning,
         .subject = describe_process("mptcpd", *facts.mptcpd->pid),
         .evidence =
             "this host also has " + std::string(facts.host.network_manager ? "NetworkManager and " : "") +
             "other endpoints: each program manages addresses on its own and undoes the changes of the "
             "others; mptcpd also sets both limits when it starts and for each address",
         .fix = stop_mptcpd(facts)});
}

/// The command that sets a key of mptcpd.conf, which may be commented out there.
std::string set_in_config(const Mptcpd& daemon, const std::string& key, const std::string& value) {
    return "sed -i -E 's,^#? ?" + key + " ?=.*," + key + "=" + value + ",' " + daemon.config->path +
           " && systemctl restart mptcp.service";
}

bool has_plugin(const Mptcpd& daemon, const std::string& plugin) {
    return std::find(daemon.plugins.begin(), daemon.plugins.end(), plugin + ".so") != daemon.plugins.end();
}

/// A running mptcpd together with the kernel's own path manager: with addr_adv it adds endpoints to it.
void check_with_kernel_path_manager(const Mptcpd& daemon, const std::string& plugin, Findings& findings) {
    const bool adds_endpoints = plugin.empty() || plugin == "addr_adv";
    if (adds_endpoints && !mptcpd_setting(daemon.config->text, "addr-flags").empty()) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::mptcpd_config,
         .severity = Severity::warning,
         .subject = daemon.config->path,
         .evidence = adds_endpoints
                         ? "addr-flags is not set: the endpoints that mptcpd adds have no flags, so the "
                           "kernel neither announces them nor opens subflows from them"
                         : "path-manager=" + plugin +
                               " requires net.mptcp.path_manager userspace, but the kernel's path manager is "
                               "selected: mptcpd receives events but manages no connections",
         .fix = adds_endpoints
                    ? set_in_config(daemon, "addr-flags", "subflow")
                    : "systemctl disable --now mptcp.service   # or: sysctl -w net.mptcp.pm_type=1"});
}

void check_mptcpd_config(const Facts& facts, Findings& findings) {
    const Mptcpd& daemon = *facts.mptcpd;
    if (!daemon.config) {
        return;
    }
    const auto add = [&](const std::string& evidence, const std::string& fix) {
        findings.push_back(
            {.code = FindingCode::mptcpd_config,
             .severity = daemon.pid ? Severity::warning : Severity::info,
             .subject = daemon.config->path,
             .evidence = evidence + (daemon.pid ? "" : " (mptcpd is not running)"),
             .fix = fix});
    };
    if (!daemon.plugin_folder.empty() && !daemon.plugin_folder_exists) {
        return add(
            "plugin-dir=" + daemon.plugin_folder +
                " does not exist: mptcpd finds no path manager and exits immediately",
            daemon.usual_plugin_folder.empty()
                ? "apt install mptcpd-plugins"
                : set_in_config(daemon, "plugin-dir", daemon.usual_plugin_folder));
    }
    const std::string plugin = mptcpd_setting(daemon.config->text, "path-manager");
    if (!plugin.empty() && daemon.plugin_folder_exists && !has_plugin(daemon, plugin)) {
        return add(
            "path-manager=" + plugin + " names a plugin that is not in " + daemon.plugin_folder +
                (daemon.plugins.empty() ? ", which is empty" : "; mptcpd uses another plugin"),
            daemon.plugins.empty()
                ? "apt install mptcpd-plugins"
                : set_in_config(
                      daemon,
                      "path-manager",
                      has_plugin(daemon, "addr_adv")
                          ? "addr_adv"
                          : daemon.plugins.front().substr(0, daemon.plugins.front().find('.'))));
    }
    if (daemon.pid && facts.host.mptcp_supported && !uses_userspace_path_manager(facts)) {
        check_with_kernel_path_manager(daemon, plugin, findings);
    }
}

} // namespace

Findings path_managers(const Facts& facts) {
    Findings findings;
    check_userspace(facts, findings);
    if (facts.mptcpd) {
        check_mptcpd_conflict(facts, findings);
        check_mptcpd_config(facts, findings);
    }
    return findings;
}

} // namespace keeper::rules
