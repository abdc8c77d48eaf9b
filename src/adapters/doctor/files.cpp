// SPDX-License-Identifier: LGPL-2.1-or-later
#include <filesystem>
#include <set>

#include <unistd.h>

#include "adapters/doctor/gatherers.hpp"
#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/host_files.hpp"
#include "adapters/processes/run_program.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "applications/unit_drop_ins.hpp"
#include "base/text/trim.hpp"

namespace keeper::gather {

namespace {

namespace fs = std::filesystem;

/// The file's path and text; std::nullopt if it does not exist.
std::optional<HostFile> read_file(const std::string& path) {
    auto text = read_bounded(path, largest_host_file);
    if (!text || !*text) {
        return std::nullopt;
    }
    return HostFile{path, std::move(**text)};
}

bool is_enabled(const std::string& unit, const std::string& root) {
    std::error_code error;
    for (const char* folder : {"/etc/systemd/system", "/run/systemd/system"}) {
        if (fs::is_symlink(root + folder + "/sockets.target.wants/" + unit, error)) {
            return true;
        }
    }
    return false;
}

/// Whether the unit cannot be enabled: an administrator's unit of that kind is started by other units.
bool is_static(const std::string& path) {
    const auto unit = read_file(path);
    return unit && unit->text.find("\n[Install]") == std::string::npos;
}

/// The names of the enabled socket units, of the administrator's that cannot be enabled, and of the requested
/// one.
std::set<std::string> socket_unit_names(const std::string& requested_unit, const std::string& root) {
    const std::string requested = requested_unit.substr(0, requested_unit.rfind('.')) + ".socket";
    std::set<std::string> names;
    for (const std::string folder :
         {"/usr/lib/systemd/system", "/run/systemd/system", "/etc/systemd/system"}) {
        const bool is_vendor = folder.starts_with("/usr/");
        for (const std::string& name : list_directory(root + folder).names) {
            if (name.ends_with(".socket") && (name == requested || is_enabled(name, root) ||
                                              (!is_vendor && is_static(root + folder + "/" + name)))) {
                names.insert(name);
            }
        }
    }
    return names;
}

/// Where packages install the plugins of mptcpd: /usr/lib64/mptcpd, or below /usr/lib/ARCHITECTURE; ""
/// without any.
std::string usual_plugin_folder() {
    std::vector<fs::path> parents{"/usr/lib64", "/usr/lib"};
    for (const std::string& name : list_directory("/usr/lib").names) {
        parents.push_back(fs::path("/usr/lib") / name);
    }
    for (const fs::path& parent : parents) {
        if (std::error_code none; !fs::is_empty(parent / "mptcpd", none) && !none) {
            return parent / "mptcpd";
        }
    }
    return "";
}

} // namespace

void files(const std::string& requested_unit, Facts& facts, const std::string& root) {
    HostFiles host(root);
    facts.sysctl_files = host.sysctl_files();
    for (const std::string& name : socket_unit_names(requested_unit, root)) {
        if (HostFile unit = read_unit(name, root); !unit.text.empty()) {
            facts.socket_units.push_back(std::move(unit));
        }
    }
    if (!facts.socket_units.empty() && systemd_version() < first_systemd_with_mptcp_sockets) {
        facts.first_systemd_with_mptcp_sockets = first_systemd_with_mptcp_sockets;
    }
}

void rulesets(Facts& facts) {
    constexpr std::chrono::seconds time_limit(5);
    const auto list = [&](const std::string& tool, const std::vector<std::string>& command) {
        const auto output = run_program(command, time_limit);
        if (!output) {
            facts.skipped.push_back({"firewall rules (" + tool + ")", output.error().message});
        } else if (output->exit_code != 0) {
            facts.skipped.push_back(
                {"firewall rules (" + tool + ")",
                 command.front() + " failed: " + output->err.substr(0, output->err.find('\n'))});
        } else {
            facts.rulesets.push_back({tool, output->out});
        }
    };
    list("nft", {"nft", "-a", "list", "ruleset"});
    list("iptables", {"iptables-save"});
    list("ip6tables", {"ip6tables-save"});
}

void mptcpd(Facts& facts) {
    HostFiles host;
    Mptcpd found;
    found.pid = host.find_process("mptcpd");
    found.config = read_file("/etc/mptcpd/mptcpd.conf");
    if (!found.pid && !found.config) {
        return;
    }
    found.usual_plugin_folder = usual_plugin_folder();
    const std::string text = found.config ? "\n" + found.config->text : "";
    if (const std::size_t at = text.find("\nplugin-dir="); at != std::string::npos) {
        const std::size_t start = text.find('=', at) + 1;
        found.plugin_folder = text.substr(start, text.find('\n', start) - start);
        std::error_code error;
        found.plugin_folder_exists = fs::is_directory(found.plugin_folder, error);
        found.plugins = list_directory(found.plugin_folder).names;
    }
    facts.mptcpd = std::move(found);
}

/// A sandbox setting of its unit, such as InaccessiblePaths=, can hide the sysctl from NetworkManager. What a
/// security module denies it does not show here.
void network_manager_sandbox(Facts& facts) {
    if (!facts.host.network_manager) {
        return; // spares a walk over /proc: no rule uses the fact then
    }
    HostFiles host;
    const auto pid = host.find_process("NetworkManager");
    if (!pid) {
        return;
    }
    const std::string root = "/proc/" + std::to_string(*pid) + "/root/proc/sys";
    const auto enabled = read_bounded(root + "/net/mptcp/enabled", 16);
    if (enabled && *enabled) {
        facts.enabled_for_network_manager = trimmed(**enabled);
        return;
    }
    // Missing, or something else is mounted over it: hidden, unless it is this process that may not read.
    const bool may_read = enabled || enabled.error().kind != ErrorKind::not_permitted;
    const auto other = read_bounded(root + "/kernel/ostype", 64);
    if (may_read && other && *other) {
        facts.enabled_for_network_manager = "";
    } else {
        facts.skipped.push_back(
            {"sandbox of NetworkManager", "the files that it sees cannot be read; run doctor as root"});
    }
}

void selinux(Facts& facts) {
    constexpr const char* log = "/var/log/audit/audit.log";
    constexpr std::size_t max_lines = 10;
    const auto skip = [&](const std::string& reason) {
        facts.skipped.push_back({"SELinux denials", reason});
    };
    // The kernel has this file system only if SELinux was enabled at boot. Whether it is mounted does not
    // matter: in many containers it is not.
    const auto file_systems = read_bounded("/proc/filesystems", largest_host_file);
    if (file_systems && *file_systems && (*file_systems)->find("selinuxfs") == std::string::npos) {
        return; // SELinux is disabled
    }
    if (std::error_code error; !fs::exists(log, error) && !error) {
        return skip(
            std::string(log) + " does not exist: auditd is not running; `journalctl -k | grep avc:` shows "
                               "the kernel's messages");
    }
    if (access(log, R_OK) != 0) {
        return skip(std::string("cannot read ") + log + "; run as root");
    }
    const auto text = read_bounded(log, 64 * 1024 * 1024);
    if (!text || !*text) {
        return skip(text ? std::string(log) + " no longer exists" : text.error().message);
    }
    std::size_t end = (*text)->size();
    while (end > 0 && facts.selinux_denials.size() < max_lines) {
        const std::size_t before = (*text)->rfind('\n', end - 1);
        const std::size_t start = before == std::string::npos ? 0 : before + 1;
        const std::string line = (*text)->substr(start, end - start);
        if (line.find("avc:  denied") != std::string::npos && line.find("mptcp") != std::string::npos) {
            facts.selinux_denials.push_back(line);
        }
        end = before == std::string::npos ? 0 : before;
    }
}

} // namespace keeper::gather
