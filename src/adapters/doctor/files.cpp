#include <algorithm>
#include <filesystem>
#include <map>

#include <unistd.h>

#include "adapters/doctor/gatherers.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/host_files.hpp"
#include "adapters/processes/run_program.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "applications/unit_drop_ins.hpp"

namespace keeper::gather {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_file = 256 * 1024;

/// A file's text; nothing where there is none. `path` goes into the answer.
std::optional<HostFile> read_file(const std::string& path) {
    auto text = read_bounded(path, largest_file);
    if (!text || !*text) {
        return std::nullopt;
    }
    return HostFile{path, std::move(**text)};
}

bool is_enabled(const std::string& unit) {
    std::error_code error;
    for (const char* folder : {"/etc/systemd/system", "/run/systemd/system"}) {
        if (fs::is_symlink(std::string(folder) + "/sockets.target.wants/" + unit, error)) {
            return true;
        }
    }
    return false;
}

/// An administrator's unit that nobody enables is started by other units, or never meant to be.
bool is_static(const std::string& path) {
    const auto unit = read_file(path);
    return unit && unit->text.find("\n[Install]") == std::string::npos;
}

/// Socket units by name: those that are enabled, those of the administrator that cannot be, and the one asked
/// about.
std::map<std::string, std::string> socket_units(const std::string& asked_unit) {
    const std::string asked = asked_unit.substr(0, asked_unit.rfind('.')) + ".socket";
    std::map<std::string, std::string> by_name;
    for (const std::string folder :
         {"/usr/lib/systemd/system", "/run/systemd/system", "/etc/systemd/system"}) {
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            const std::string name = entry->path().filename();
            const bool vendor = folder.starts_with("/usr/");
            if (name.ends_with(".socket") &&
                (name == asked || is_enabled(name) || (!vendor && is_static(entry->path())))) {
                by_name[name] = entry->path();
            }
        }
    }
    return by_name;
}

/// A unit's file with its drop-ins behind it, as systemd reads them.
std::optional<HostFile> with_drop_ins(const std::string& name, const std::string& path) {
    auto unit = read_file(path);
    for (const char* folder :
         {"/run/systemd/generator.late/",
          "/usr/lib/systemd/system/",
          "/run/systemd/generator/",
          "/run/systemd/system/",
          "/etc/systemd/system/"}) {
        std::error_code error;
        std::vector<std::string> files;
        for (fs::directory_iterator entry(folder + name + ".d", error), end; !error && entry != end;
             entry.increment(error)) {
            files.push_back(entry->path());
        }
        std::sort(files.begin(), files.end());
        for (const std::string& file : files) {
            const auto drop_in = read_file(file);
            if (unit && drop_in && file.ends_with(".conf")) {
                unit->text += "\n" + drop_in->text;
            }
        }
    }
    return unit;
}

/// Where the packages of mptcpd put plugins: /usr/lib64/mptcpd, or below /usr/lib/ARCHITECTURE. "" without
/// any.
std::string usual_plugin_folder() {
    std::error_code error;
    std::vector<fs::path> parents{"/usr/lib64", "/usr/lib"};
    for (fs::directory_iterator entry("/usr/lib", error), end; !error && entry != end;
         entry.increment(error)) {
        parents.push_back(entry->path());
    }
    for (const fs::path& parent : parents) {
        if (std::error_code none; !fs::is_empty(parent / "mptcpd", none) && !none) {
            return parent / "mptcpd";
        }
    }
    return "";
}

} // namespace

void files(const std::string& asked_unit, Facts& facts) {
    HostFiles host;
    facts.sysctl_files = host.sysctl_files();
    for (const auto& [name, path] : socket_units(asked_unit)) {
        if (auto unit = with_drop_ins(name, path)) {
            facts.socket_units.push_back(std::move(*unit));
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
        for (fs::directory_iterator entry(found.plugin_folder, error), end; !error && entry != end;
             entry.increment(error)) {
            found.plugins.push_back(entry->path().filename());
        }
        std::sort(found.plugins.begin(), found.plugins.end());
    }
    facts.mptcpd = std::move(found);
}

void selinux(Facts& facts) {
    constexpr const char* log = "/var/log/audit/audit.log";
    constexpr std::size_t most_lines = 10;
    const auto skip = [&](const std::string& reason) {
        facts.skipped.push_back({"SELinux denials", reason});
    };
    // The kernel knows that file system only where SELinux was enabled at its start. Whether it is mounted
    // here, which it is not in many containers, says nothing.
    const auto file_systems = read_bounded("/proc/filesystems", largest_file);
    if (file_systems && *file_systems && (*file_systems)->find("selinuxfs") == std::string::npos) {
        return; // nothing can be denied
    }
    if (std::error_code error; !fs::exists(log, error) && !error) {
        return skip(
            std::string("there is no ") + log +
            ", auditd does not run; `journalctl -k | grep avc:` shows what the kernel kept");
    }
    if (access(log, R_OK) != 0) {
        return skip(std::string("cannot read ") + log + "; run as root");
    }
    const auto text = read_bounded(log, 64 * 1024 * 1024);
    if (!text || !*text) {
        return skip(text ? std::string(log) + " is gone" : text.error().message);
    }
    std::size_t end = (*text)->size();
    while (end > 0 && facts.selinux_denials.size() < most_lines) {
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
