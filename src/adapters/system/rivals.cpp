#include "adapters/system/rivals.hpp"

#include <algorithm>
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

/// "mptcpd (pid 812)", or "" where no process has that name.
std::string process_named(const std::string& name) {
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const std::string pid = entry->path().filename();
        if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        const auto comm = read_bounded("/proc/" + pid + "/comm", 64);
        if (comm && *comm && **comm == name + "\n") {
            return name + " (pid " + pid + ")";
        }
    }
    return "";
}

std::string rival_over_sysctl(const Change& change) {
    for (const SysctlLine& line : sysctl_lines(sysctl_files(""))) {
        if ("net.mptcp." + line.name == change.key) {
            return line.file + ":" + std::to_string(line.line) + ", or whoever applies it";
        }
    }
    return "";
}

std::string rival_over_limit(const Change& change) {
    for (const LimitLine& line : limit_lines(own_service_units(""))) {
        if (line.name == change.key) {
            return line.file.substr(line.file.rfind('/') + 1);
        }
    }
    return "";
}

} // namespace

std::vector<HostFile> sysctl_files(const std::string& root) {
    std::map<std::string, std::string> by_name;
    // A name in /etc shadows /run, which shadows the two others (sysctl.d(5)).
    for (const char* folder :
         {"/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d", "/run/sysctl.d", "/etc/sysctl.d"}) {
        for (const auto& [name, path] : files_by_name(root + folder, ".conf")) {
            by_name[name] = path;
        }
    }
    std::vector<HostFile> files;
    for (const auto& [name, path] : by_name) {
        add_file(path, files);
    }
    add_file(root + "/etc/sysctl.conf", files);
    return files;
}

std::vector<HostFile> own_service_units(const std::string& root) {
    std::vector<HostFile> files;
    for (const auto& [name, path] : files_by_name(root + "/etc/systemd/system", ".service")) {
        add_file(path, files);
    }
    return files;
}

std::string HostRivals::likely_rival(const Change& change) {
    if (change.undone_by_network_manager) {
        return "NetworkManager's sync";
    }
    std::string rival;
    switch (change.resource) {
    case Resource::sysctl:
        rival = rival_over_sysctl(change);
        break;
    case Resource::limit:
        rival = rival_over_limit(change);
        break;
    case Resource::endpoint:
    case Resource::profile:
    case Resource::unit:
        break;
    }
    if (rival.empty() && change.resource != Resource::profile) {
        rival = process_named("mptcpd");
    }
    return rival.empty() ? "another program" : rival;
}

} // namespace keeper
