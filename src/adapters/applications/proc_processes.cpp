#include "adapters/applications/proc_processes.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include <sys/xattr.h>
#include <unistd.h>

#include "adapters/system/files.hpp"
#include "applications/program_environment.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_file = 16 * 1024 * 1024; // /proc/PID/maps of a big program

std::string text_of(const fs::path& path) {
    auto text = read_bounded(path, largest_file);
    return text && *text ? std::move(**text) : "";
}

std::string link_of(const fs::path& path) {
    std::error_code error;
    return fs::read_symlink(path, error).string();
}

/// Counts by system.sockprotoname, which tells what a program asked for, in whatever network namespace.
void count_sockets(const fs::path& folder, ObservedProcess& process) {
    std::error_code error;
    for (fs::directory_iterator entry(folder / "fd", error), end; !error && entry != end;
         entry.increment(error)) {
        std::array<char, 32> name{};
        const bool is_socket = link_of(entry->path()).starts_with("socket:");
        if (!is_socket ||
            getxattr(entry->path().c_str(), "system.sockprotoname", name.data(), name.size() - 1) <= 0) {
            continue;
        }
        const std::string_view protocol(name.data());
        process.tcp_sockets += protocol == "TCP" || protocol == "TCPv6" ? 1U : 0U;
        process.mptcp_sockets += protocol == "MPTCP" || protocol == "MPTCPv6" ? 1U : 0U;
    }
    process.sockets_known = !error;
}

/// A variable of a /proc/PID/environ, whose entries end with a zero byte.
std::string_view variable(std::string_view environment, std::string_view name) {
    while (!environment.empty()) {
        const std::string_view entry = environment.substr(0, environment.find('\0'));
        environment.remove_prefix(std::min(entry.size() + 1, environment.size()));
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with("=")) {
            return entry.substr(name.size() + 1);
        }
    }
    return {};
}

bool is_secure(const std::string& auxiliary_vector) {
    constexpr unsigned long at_secure = 23; // AT_SECURE, getauxval(3)
    std::array<unsigned long, 2> pair{};
    for (std::size_t at = 0; at + sizeof(pair) <= auxiliary_vector.size(); at += sizeof(pair)) {
        std::memcpy(pair.data(), auxiliary_vector.data() + at, sizeof(pair));
        if (pair[0] == at_secure) {
            return pair[1] != 0;
        }
    }
    return false;
}

/// Whether the program carries Go's build information, which its linker puts near the start of the data.
bool carries_go_build_info(const fs::path& executable) {
    constexpr std::string_view magic = "\xff Go buildinf:";
    std::ifstream file(executable, std::ios::binary);
    std::string text(1024 * 1024, '\0');
    std::string kept; // the end of the piece before: the magic may lie across
    while (file.read(text.data(), static_cast<std::streamsize>(text.size())) || file.gcount() > 0) {
        const std::string piece = kept + text.substr(0, static_cast<std::size_t>(file.gcount()));
        if (piece.find(magic) != std::string::npos) {
            return true;
        }
        kept = piece.substr(piece.size() - std::min(piece.size(), magic.size()));
    }
    return false;
}

void look_at_image(const fs::path& folder, ObservedProcess& process) {
    const std::string environment = text_of(folder / "environ");
    process.asks_for_preload = has_preload(variable(environment, "LD_PRELOAD"));
    process.asks_go = variable(environment, "GODEBUG").find("multipathtcp=1") != std::string_view::npos;
    const std::string maps = text_of(folder / "maps");
    process.has_preload = maps.find("libmptcpwrap.so") != std::string::npos;
    const bool has_loader =
        maps.find("/ld-linux") != std::string::npos || maps.find("/ld-musl") != std::string::npos ||
        maps.find("/ld.so") != std::string::npos || maps.find("/ld64") != std::string::npos;
    process.is_static = !maps.empty() && !has_loader;
    process.is_secure = is_secure(text_of(folder / "auxv"));
}

} // namespace

std::string service_of_cgroup(std::string_view text) {
    std::string unit;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.starts_with("0::") && line.find(":name=systemd:") == std::string_view::npos) {
            continue;
        }
        for (const fs::path& part : fs::path(line.substr(std::min(line.find('/'), line.size())))) {
            const std::string name = part.string();
            if (name.ends_with(".service") || name.ends_with(".scope")) {
                unit = name;
            }
        }
    }
    return unit;
}

ProcessList list_processes() {
    std::map<std::int64_t, ObservedProcess> found;
    ProcessList list;
    const std::string own_network = link_of("/proc/self/ns/net");
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(getpid()) ||
            text_of(entry->path() / "cmdline").empty()) { // a kernel thread has no command line
            continue;
        }
        ObservedProcess process;
        process.pid = std::stoll(name);
        const std::string comm = text_of(entry->path() / "comm");
        process.name = comm.substr(0, comm.find('\n'));
        process.unit = service_of_cgroup(text_of(entry->path() / "cgroup"));
        const std::string network = link_of(entry->path() / "ns/net");
        process.same_network = network.empty() || network == own_network;
        count_sockets(entry->path(), process);
        look_at_image(entry->path(), process);
        if (!process.unit.empty() || process.is_static) {
            process.is_go = process.is_static && carries_go_build_info(entry->path() / "exe");
        }
        list.unreadable += process.sockets_known ? 0U : 1U;
        found.emplace(process.pid, std::move(process));
    }
    for (auto& [pid, process] : found) {
        list.processes.push_back(std::move(process));
    }
    return list;
}

} // namespace keeper
