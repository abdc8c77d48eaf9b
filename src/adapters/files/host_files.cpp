#include "adapters/files/host_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <set>

#include <sys/stat.h>

#include "adapters/files/files.hpp"
#include "adapters/files/mechanism_files.hpp"
#include "adapters/files/real_path.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 256 * 1024;
constexpr std::size_t most_files = 1024;

/// The names of what the folder holds with that ending, sorted; nothing where there is no such folder.
std::set<std::string> names_in(const std::string& folder, std::string_view ending) {
    std::set<std::string> result;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (name.ends_with(ending) && result.size() < most_files) {
            result.insert(name);
        }
    }
    return result;
}

/// Files below a root, each of them once whatever links lead to it.
class Collection {
  public:
    explicit Collection(const std::string& root) : root_(root) {}

    /// `path` inside the root. A file that is there already gets another link.
    void add(const std::string& path) {
        const auto real = real_path(root_, path);
        if (!real) {
            return;
        }
        const std::string link = *real == root_ + path ? "" : root_ + path;
        auto file = std::find_if(
            files_.begin(), files_.end(), [&](const HostFile& one) { return one.path == *real; });
        if (file == files_.end()) {
            auto text = read_bounded(*real, largest_file);
            if (!text || !*text) {
                return;
            }
            file = files_.insert(files_.end(), {*real, std::move(**text)});
        }
        if (!link.empty()) {
            file->links.push_back(link);
        }
    }

    /// Of files of one name only that in the folder that comes last; in the order of their names.
    void add_unshadowed(std::initializer_list<const char*> folders, std::string_view ending) {
        std::map<std::string, std::string> by_name;
        for (const char* folder : folders) {
            for (const std::string& name : names_in(root_ + folder, ending)) {
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

/// Of root, of a service's own user, or of systemd's DynamicUser= (systemd.exec(5)). Any other user may name
/// a process as he likes, and is not believed.
bool belongs_to_system_user(const fs::path& process) {
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
    files.add("/etc/sysctl.conf"); // Debian 12 and Fedora have it as 99-sysctl.conf among the others
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
    const std::string folder = root_ + "/run/NetworkManager/devices";
    for (const std::string& name : names_in(folder, "")) {
        const auto state = read_bounded(folder + "/" + name, largest_file);
        if (state && *state && ("\n" + **state).find("\nconnection-uuid=") != std::string::npos) {
            result.push_back({static_cast<std::int32_t>(std::strtol(name.c_str(), nullptr, 10))});
        }
    }
    return result;
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
        if (comm && *comm && **comm == name + "\n" && belongs_to_system_user(entry->path())) {
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
