#include "adapters/system/host_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "adapters/system/files.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 256 * 1024;
constexpr std::size_t most_files = 1024;

/// The folder's files with that ending, by name; nothing where there is no such folder.
std::map<std::string, std::string> files_by_name(const std::string& folder, std::string_view ending) {
    std::map<std::string, std::string> result;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (name.ends_with(ending) && result.size() < most_files) {
            result[name] = entry->path();
        }
    }
    return result;
}

void add_file(const std::string& path, std::vector<HostFile>& files) {
    auto text = read_bounded(path, largest_file);
    if (text && *text) {
        files.push_back({path, std::move(**text)});
    }
}

} // namespace

std::vector<HostFile> HostFiles::sysctl_files() {
    std::map<std::string, std::string> by_name;
    // A name in /etc shadows /run, which shadows the two others (sysctl.d(5)).
    for (const char* folder :
         {"/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d", "/run/sysctl.d", "/etc/sysctl.d"}) {
        for (const auto& [name, path] : files_by_name(root_ + folder, ".conf")) {
            by_name[name] = path;
        }
    }
    std::vector<HostFile> files;
    for (const auto& [name, path] : by_name) {
        add_file(path, files);
    }
    add_file(root_ + "/etc/sysctl.conf", files);
    return files;
}

std::vector<HostFile> HostFiles::own_service_units() {
    std::vector<HostFile> files;
    for (const auto& [name, path] : files_by_name(root_ + "/etc/systemd/system", ".service")) {
        add_file(path, files);
    }
    return files;
}

std::vector<HostFile> HostFiles::hook_scripts() {
    std::vector<HostFile> files;
    for (const char* folder :
         {"/etc/NetworkManager/dispatcher.d",
          "/etc/NetworkManager/dispatcher.d/pre-up.d",
          "/etc/NetworkManager/dispatcher.d/pre-down.d",
          "/etc/NetworkManager/dispatcher.d/no-wait.d"}) {
        for (const auto& [name, path] : files_by_name(root_ + folder, "")) {
            add_file(path, files);
        }
    }
    for (const char* script : {"/etc/rc.local", "/etc/rc.d/rc.local"}) {
        add_file(root_ + script, files);
    }
    return files;
}

std::vector<HostFile> HostFiles::systemtap_scripts() {
    std::vector<HostFile> files;
    for (const char* folder :
         {"/root",
          "/etc",
          "/etc/systemtap",
          "/etc/systemtap/script.d",
          "/usr/local/bin",
          "/usr/local/sbin"}) {
        for (const char* ending : {".stap", ".stp"}) {
            for (const auto& [name, path] : files_by_name(root_ + folder, ending)) {
                add_file(path, files);
            }
        }
    }
    return files;
}

std::vector<HostFile> HostFiles::profile_keyfiles() {
    std::map<std::string, std::string> by_name;
    for (const char* folder :
         {"/usr/lib/NetworkManager/system-connections",
          "/run/NetworkManager/system-connections",
          "/etc/NetworkManager/system-connections"}) {
        for (const auto& [name, path] : files_by_name(root_ + folder, ".nmconnection")) {
            by_name[name] = path;
        }
    }
    std::vector<HostFile> files;
    for (const auto& [name, path] : by_name) {
        add_file(path, files);
    }
    return files;
}

Result<std::string> HostFiles::netstat() {
    const std::string path = root_ + "/proc/net/netstat";
    auto text = read_bounded(path, largest_file);
    if (!text) {
        return tl::unexpected<Error>(text.error());
    }
    if (!*text) {
        return fail(ErrorKind::unavailable, "cannot read " + path + ": there is no such file");
    }
    return std::move(**text);
}

std::optional<std::int64_t> HostFiles::find_process(const std::string& name) {
    std::error_code error;
    for (fs::directory_iterator entry(root_ + "/proc", error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string pid = entry->path().filename();
        if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        const auto comm = read_bounded(entry->path() / "comm", 64);
        if (comm && *comm && **comm == name + "\n") {
            return std::stoll(pid);
        }
    }
    // A unit with ProtectProc=invisible does not see the processes of other users, but it sees their units.
    for (const std::string& unit : {name, name.substr(0, name.size() - 1)}) { // mptcpd runs in mptcp.service
        const auto pids =
            read_bounded(root_ + "/sys/fs/cgroup/system.slice/" + unit + ".service/cgroup.procs", 4096);
        if (pids && *pids && !(*pids)->empty()) {
            return std::strtoll((*pids)->c_str(), nullptr, 10);
        }
    }
    return std::nullopt;
}

} // namespace keeper
