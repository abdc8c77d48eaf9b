// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/network_folders.hpp"

#include <cstdint>
#include <optional>

#include <sys/socket.h>
#include <sys/stat.h>

#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"

namespace keeper {

namespace {

#ifndef SO_NETNS_COOKIE
constexpr int SO_NETNS_COOKIE = 71; // asm-generic/socket.h since Linux 5.14
#endif

struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

std::optional<FileIdentity> identity_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return std::nullopt;
    }
    return FileIdentity{status.st_dev, status.st_ino};
}

/// Whether two paths are the same file; std::nullopt if one of them is not accessible.
std::optional<bool> is_same_file(const std::string& one, const std::string& other) {
    const auto first = identity_of(one);
    const auto second = identity_of(other);
    return first && second ? std::optional<bool>(*first == *second) : std::nullopt;
}

/// The namespace that was the first to record something in the folder; "" if none has.
std::string owner_of(const std::string& run) {
    constexpr std::size_t largest_mark = 4096;
    const auto mark = read_own_file(run + "/boot", largest_mark);
    if (!mark || !*mark) {
        return "";
    }
    const std::string& text = **mark; // the boot's id, a line feed, the namespace's name
    const std::size_t line_feed = text.find('\n');
    const std::string second = line_feed == std::string::npos ? "" : text.substr(line_feed + 1);
    return second.substr(0, second.find('\n'));
}

/// Whether the namespace is that of process 1; std::nullopt if that is not accessible.
std::optional<bool> is_first_processes_network() {
    // The inodes of files below /proc/PID/net differ between namespaces and are visible without privilege,
    // whereas /proc/1/ns/net requires CAP_SYS_PTRACE.
    return is_same_file("/proc/1/net/dev", "/proc/self/net/dev");
}

bool belongs_to_another_network(const std::string& run, const std::string& network) {
    const std::string owner = owner_of(run);
    if (!owner.empty()) {
        return owner != network;
    }
    return is_first_processes_network().has_value() &&
           is_same_file("/proc/1/root/run", "/run").value_or(false);
}

} // namespace

std::string name_of_this_network() {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    std::uint64_t cookie = 0;
    socklen_t size = sizeof(cookie);
    if (socket && ::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0) {
        return "cookie-" + std::to_string(cookie);
    }
    const auto network = identity_of("/proc/self/ns/net");
    return network ? "inode-" + std::to_string(network->inode) : "";
}

NetworkFolders folders_of_this_network(const std::string& run, const std::string& state) {
    // The cheapest check first, which opens nothing: most commands run in the namespace of process 1.
    if (is_first_processes_network().value_or(false)) {
        return {.run = run, .state = state, .is_secondary = false};
    }
    const std::string network = name_of_this_network();
    if (network.empty() || !belongs_to_another_network(run, network)) {
        return {.run = run, .state = state, .is_secondary = false};
    }
    const std::string own = run + "/netns/" + network;
    return {.run = own, .state = own, .is_secondary = true};
}

NetworkFolders folders_of_this_network() {
    return folders_of_this_network("/run/mptcp-keeper", "/var/lib/mptcp-keeper");
}

} // namespace keeper
