#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "host_config/mptcpd_config.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

/// By the name that the configuration uses, if it names either: a declaration of both is refused.
std::string leave_to_kernel(const Facts& facts) {
    const std::string* name = declared_sysctl(facts, "path_manager");
    const std::string* type = declared_sysctl(facts, "pm_type");
    if ((name != nullptr && *name == "kernel") || (type != nullptr && *type == "0")) {
        return "mptcp-keeper apply --only sysctl   # it is declared";
    }
    const bool has_name = find_sysctl_value(facts.host, "path_manager") != nullptr && type == nullptr;
    return has_name || name != nullptr ? "sysctl: {path_manager: kernel}" : "sysctl: {pm_type: 0}";
}

void check_userspace(const Facts& facts, Findings& findings) {
    if (!uses_userspace_path_manager(facts)) {
        return;
    }
    const bool served = facts.mptcpd && facts.mptcpd->pid;
    const std::uint64_t dropped = counter(facts.counters, "AddAddrDrop");
    findings.push_back(
        {FindingCode::userspace_path_manager,
         served ? Severity::warning : Severity::error,
         find_sysctl_value(facts.host, "path_manager") != nullptr ? "net.mptcp.path_manager"
                                                                  : "net.mptcp.pm_type",
         "new connections are left to a path manager in user space, so that endpoints and limits mean "
         "nothing "
         "to them" +
             std::string(served ? "; mptcpd is running" : ", and mptcpd is not running") +
             (dropped > 0 ? "; " + std::to_string(dropped) + " announcements were dropped (AddAddrDrop)"
                          : ""),
         leave_to_kernel(facts)});
}

bool is_kept_by_others(const Facts& facts) {
    const bool declared =
        facts.desired && (!facts.desired->endpoints.empty() || !facts.desired->profiles.empty() ||
                          facts.desired->subflows || facts.desired->add_addr_accepted);
    return declared || facts.host.network_manager.has_value() || !configured_endpoints(facts).empty();
}

/// The endpoints that mptcpd made outlive it until the host is shut down.
std::string stop_mptcpd(const Facts& facts) {
    const std::string useless = delete_useless(facts);
    return "systemctl disable --now mptcp.service" +
           (useless.empty() ? std::string("   # its endpoints stay: ip mptcp endpoint show")
                            : "\n" + useless);
}

void check_mptcpd_conflict(const Facts& facts, Findings& findings) {
    if (!facts.mptcpd->pid || !is_kept_by_others(facts)) {
        return;
    }
    if (declares_userspace_path_manager(facts) && uses_userspace_path_manager(facts)) {
        return; // as declared, new connections are mptcpd's alone
    }
    findings.push_back(
        {FindingCode::mptcpd_conflict,
         Severity::warning,
         "mptcpd (pid " + std::to_string(*facts.mptcpd->pid) + ")",
         "it runs beside " + std::string(facts.host.network_manager ? "NetworkManager and " : "") +
             "the endpoints of this host: each takes addresses for its own, and one undoes what another did; "
             "it also sets both limits at its start "
             "and with each address",
         stop_mptcpd(facts)});
}

/// The command that sets a key of mptcpd.conf, which may stand there as a comment.
std::string set_in_config(const Mptcpd& daemon, const std::string& key, const std::string& value) {
    return "sed -i -E 's,^#? ?" + key + " ?=.*," + key + "=" + value + ",' " + daemon.config->path +
           " && systemctl restart mptcp.service";
}

bool has_plugin(const Mptcpd& daemon, const std::string& plugin) {
    return std::find(daemon.plugins.begin(), daemon.plugins.end(), plugin + ".so") != daemon.plugins.end();
}

/// What a running mptcpd makes of the kernel's own path manager: with addr_adv it hands it addresses.
void check_beside_kernel(const Mptcpd& daemon, const std::string& plugin, Findings& findings) {
    const bool hands_addresses = plugin.empty() || plugin == "addr_adv";
    if (hands_addresses && !mptcpd_setting(daemon.config->text, "addr-flags").empty()) {
        return;
    }
    findings.push_back(
        {FindingCode::mptcpd_config,
         Severity::warning,
         daemon.config->path,
         hands_addresses
             ? "addr-flags is not set: the endpoints that mptcpd gives the kernel carry no flags, so "
               "that they announce nothing and open no subflow"
             : "path-manager=" + plugin +
                   " needs net.mptcp.path_manager userspace, and it is the "
                   "kernel's: mptcpd is told of connections and manages none",
         hands_addresses ? set_in_config(daemon, "addr-flags", "subflow")
                         : "systemctl disable --now mptcp.service   # or: sysctl -w net.mptcp.pm_type=1"});
}

void check_mptcpd_config(const Facts& facts, Findings& findings) {
    const Mptcpd& daemon = *facts.mptcpd;
    if (!daemon.config) {
        return;
    }
    const auto add = [&](const std::string& evidence, const std::string& fix) {
        findings.push_back(
            {FindingCode::mptcpd_config,
             daemon.pid ? Severity::warning : Severity::info,
             daemon.config->path,
             evidence + (daemon.pid ? "" : " (mptcpd is not running)"),
             fix});
    };
    if (!daemon.plugin_folder.empty() && !daemon.plugin_folder_exists) {
        return add(
            "plugin-dir=" + daemon.plugin_folder +
                " does not exist: mptcpd ends at once, it has no path manager",
            daemon.usual_plugin_folder.empty()
                ? "apt install mptcpd-plugins"
                : set_in_config(daemon, "plugin-dir", daemon.usual_plugin_folder));
    }
    const std::string plugin = mptcpd_setting(daemon.config->text, "path-manager");
    if (!plugin.empty() && daemon.plugin_folder_exists && !has_plugin(daemon, plugin)) {
        return add(
            "path-manager=" + plugin + " names a plugin that is not in " + daemon.plugin_folder +
                (daemon.plugins.empty() ? ", which is empty" : ": mptcpd takes another one"),
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
        check_beside_kernel(daemon, plugin, findings);
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
