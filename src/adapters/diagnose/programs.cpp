#include <array>
#include <cerrno>
#include <filesystem>

#include <sys/xattr.h>
#include <unistd.h>

#include "adapters/diagnose/gatherers.hpp"
#include "adapters/system/files.hpp"

namespace keeper::gather {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_file = 16 * 1024 * 1024;

/// A file of /proc; empty where it cannot be read.
std::string text_of(const std::string& path) {
    auto text = read_bounded(path, largest_file);
    return text && *text ? std::move(**text) : "";
}

std::string link_of(const std::string& path) {
    std::error_code error;
    return fs::read_symlink(path, error).string();
}

/// The unit of /proc/PID/cgroup: the last part of the path that ends like one.
std::string unit_of(const std::string& cgroup) {
    const std::string line = cgroup.substr(0, cgroup.find('\n'));
    std::size_t end = line.size();
    while (end != std::string::npos && end > 0) {
        const std::size_t slash = line.rfind('/', end - 1);
        if (slash == std::string::npos) {
            return "";
        }
        const std::string part = line.substr(slash + 1, end - slash - 1);
        if (part.ends_with(".service") || part.ends_with(".socket") || part.ends_with(".scope")) {
            return part;
        }
        end = slash;
    }
    return "";
}

/// Counts the process' TCP and MPTCP sockets. The attribute tells what a program asked for, also of a socket
/// in another network namespace, and disturbs nobody. False where its descriptors cannot be read.
bool count_sockets(const std::string& folder, Program& program) {
    std::error_code error;
    for (fs::directory_iterator entry(folder + "/fd", error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string path = entry->path();
        if (!link_of(path).starts_with("socket:")) {
            continue;
        }
        std::array<char, 32> name{};
        if (getxattr(path.c_str(), "system.sockprotoname", name.data(), name.size() - 1) <= 0) {
            continue;
        }
        const std::string_view protocol(name.data());
        program.tcp_sockets += protocol == "TCP" || protocol == "TCPv6" ? 1 : 0;
        program.mptcp_sockets += protocol == "MPTCP" || protocol == "MPTCPv6" ? 1 : 0;
    }
    return !error;
}

/// AT_SECURE of the auxiliary vector: the kernel told the loader to distrust the environment.
bool is_secure(const std::string& auxv) {
    constexpr unsigned long at_secure = 23;
    std::array<unsigned long, 2> pair{};
    for (std::size_t at = 0; at + sizeof(pair) <= auxv.size(); at += sizeof(pair)) {
        std::copy_n(auxv.data() + at, sizeof(pair), reinterpret_cast<char*>(pair.data()));
        if (pair[0] == at_secure) {
            return pair[1] != 0;
        }
    }
    return false;
}

/// Whether LD_PRELOAD of the environment names libmptcpwrap.
bool asks_for_wrapper(const std::string& environment) {
    const std::string block = std::string(1, '\0') + environment;
    const std::size_t at = block.find(std::string("\0LD_PRELOAD=", 12));
    if (at == std::string::npos) {
        return false;
    }
    const std::string value = block.substr(at + 12, block.find('\0', at + 12) - at - 12);
    return value.find("libmptcpwrap") != std::string::npos;
}

void look_closer(const std::string& folder, Program& program) {
    program.executable = inspect_executable(folder + "/exe");
    const std::string path = link_of(folder + "/exe");
    program.executable.path = path.empty() ? program.name : path;
    program.executable.secure = program.executable.secure || is_secure(text_of(folder + "/auxv"));
    program.wrapper_asked = asks_for_wrapper(text_of(folder + "/environ"));
    program.wrapper_mapped = text_of(folder + "/maps").find("libmptcpwrap") != std::string::npos;
}

std::string with_suffix(const std::string& unit) {
    return unit.empty() || unit.find('.') != std::string::npos ? unit : unit + ".service";
}

} // namespace

Result<void> programs(const DiagnosisRequest& request, Facts& facts) {
    if (request.pid && access(("/proc/" + std::to_string(*request.pid)).c_str(), F_OK) != 0) {
        return fail("--pid " + std::to_string(*request.pid) + ": there is no such process");
    }
    const std::string own_namespace = link_of("/proc/self/ns/net");
    const std::string unit = with_suffix(request.unit);
    std::size_t closed = 0;
    bool unit_found = false;
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(getpid())) {
            continue;
        }
        const std::string folder = entry->path();
        Program program;
        program.pid = std::stoll(name);
        program.sockets_known = count_sockets(folder, program);
        program.unit = unit_of(text_of(folder + "/cgroup"));
        program.asked_for = program.pid == request.pid || (!unit.empty() && program.unit == unit);
        unit_found = unit_found || (program.asked_for && program.unit == unit);
        closed += !program.sockets_known && access(folder.c_str(), F_OK) == 0 ? 1U : 0U;
        if (program.tcp_sockets + program.mptcp_sockets == 0 && !program.asked_for) {
            continue;
        }
        const std::string comm = text_of(folder + "/comm");
        program.name = comm.substr(0, comm.find('\n'));
        const std::string its_namespace = link_of(folder + "/ns/net");
        program.other_namespace = !its_namespace.empty() && its_namespace != own_namespace;
        look_closer(folder, program);
        if (program.asked_for && !program.executable.known) {
            facts.skipped.push_back(
                {"executable of pid " + name, "cannot read " + folder + "/exe; run as root"});
        }
        facts.programs.push_back(std::move(program));
    }
    if (closed > 0) {
        facts.skipped.push_back(
            {"sockets of other users' programs",
             "the descriptors of " + std::to_string(closed) + " processes cannot be read; run as root"});
    }
    if (!unit.empty() && !unit_found) {
        facts.skipped.push_back({"programs of " + unit, "no process of that unit is running"});
    }
    return {};
}

} // namespace keeper::gather
