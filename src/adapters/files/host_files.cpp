// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/host_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <map>

#include <sys/stat.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/mechanism_files.hpp"
#include "adapters/files/real_path.hpp"
#include "base/text/digits.hpp"

namespace keeper {

namespace {

constexpr std::size_t most_files = 1024;

/// The names in the folder with that ending, sorted; empty if there is no such folder.
std::vector<std::string> sorted_names(const std::string& folder, std::string_view ending) {
    std::vector<std::string> names = list_directory(folder).names;
    std::erase_if(names, [&](const std::string& name) { return !name.ends_with(ending); });
    names.resize(std::min(names.size(), most_files));
    return names;
}

/// Files below a root, each of them once, even if several links lead to it.
class Collection {
  public:
    explicit Collection(const std::string& root) : root_(root) {}

    /// `path` is inside the root. A file that was already added gets another link.
    void add(const std::string& path) {
        const auto real = real_path(root_, path);
        if (!real) {
            return;
        }
        const std::string link = *real == root_ + path ? "" : root_ + path;
        auto file = std::find_if(
            files_.begin(), files_.end(), [&](const HostFile& one) { return one.path == *real; });
        if (file == files_.end()) {
            auto text = read_bounded(*real, largest_host_file);
            if (!text || !*text) {
                return;
            }
            file = files_.insert(files_.end(), {*real, std::move(**text)});
        }
        if (!link.empty()) {
            file->links.push_back(link);
        }
    }

    /// Adds files by name; of those with the same name only that in the last folder.
    void add_unshadowed(std::initializer_list<const char*> folders, std::string_view ending) {
        std::map<std::string, std::string> by_name;
        for (const char* folder : folders) {
            for (const std::string& name : sorted_names(path_in_root(root_, folder), ending)) {
                by_name[name] = std::string(folder) + "/" + name;
            }
        }
        for (const auto& [name, path] : by_name) {
            add(path);
        }
    }

    [[nodiscard]] std::vector<HostFile> take() { return std::move(files_); }

  private:
    const std::string& root_;
    std::vector<HostFile> files_;
};

/// Whether the process belongs to root, a system user or one of systemd's DynamicUser= (systemd.exec(5)). The
/// names of other users' processes are not trusted.
bool belongs_to_system_user(const std::string& process) {
    constexpr uid_t first_of_people = 1000;
    constexpr uid_t first_dynamic = 61184;
    constexpr uid_t last_dynamic = 65519;
    struct stat status {};
    return ::stat(process.c_str(), &status) == 0 &&
           (status.st_uid < first_of_people ||
            (status.st_uid >= first_dynamic && status.st_uid <= last_dynamic));
}

} // namespace

std::vector<HostFile> HostFiles::sysctl_files() {
    Collection files(root_);
    // A name in /etc shadows /run, which shadows the two others (sysctl.d(5)).
    files.add_unshadowed(
        {"/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d", "/run/sysctl.d", "/etc/sysctl.d"}, ".conf");
    files.add("/etc/sysctl.conf"); // on Debian 12 and Fedora also linked as 99-sysctl.conf above
    return files.take();
}

std::vector<MechanismFile> HostFiles::mechanism_files(const std::vector<HostMechanism>& mechanisms) {
    return list_mechanism_files(root_, mechanisms);
}

std::optional<HostFile> HostFiles::text_file(const std::string& path) {
    return read_text_file(root_, path);
}

std::vector<HostFile> HostFiles::profile_keyfiles() {
    Collection files(root_);
    files.add_unshadowed(
        {"/usr/lib/NetworkManager/system-connections",
         "/run/NetworkManager/system-connections",
         "/etc/NetworkManager/system-connections"},
        ".nmconnection");
    return files.take();
}

std::vector<Ifindex> HostFiles::network_manager_devices() {
    std::vector<Ifindex> result;
    const std::string folder = "/run/NetworkManager/devices";
    for (const std::string& name : sorted_names(path_in_root(root_, folder), "")) {
        const auto state = read_bounded(path_in_root(root_, folder + "/" + name), largest_host_file);
        if (state && *state && ("\n" + **state).find("\nconnection-uuid=") != std::string::npos) {
            result.push_back({static_cast<std::int32_t>(std::strtol(name.c_str(), nullptr, 10))});
        }
    }
    return result;
}

Result<std::string> HostFiles::netstat() {
    const std::string path = root_ + "/proc/net/netstat";
    auto text = read_bounded(path, largest_host_file);
    if (!text) {
        return propagate(text);
    }
    if (!*text) {
        return fail(ErrorKind::unavailable, "cannot read " + path + ": it does not exist");
    }
    return std::move(**text);
}

std::optional<std::int64_t> HostFiles::find_process(const std::string& name) {
    DirectoryReader processes(root_ + "/proc");
    while (const char* const pid = processes.next()) {
        if (!is_all_digits(pid)) {
            continue;
        }
        const std::string process = root_ + "/proc/" + pid;
        const auto comm = read_bounded(process + "/comm", 64);
        if (comm && *comm && **comm == name + "\n" && belongs_to_system_user(process)) {
            return std::stoll(pid);
        }
    }
    // A unit with ProtectProc=invisible does not see other users' processes, but it sees their units'
    // cgroups.
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
