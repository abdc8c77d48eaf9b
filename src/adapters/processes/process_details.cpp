// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/process_details.hpp"

#include <array>
#include <string_view>

#include <sys/xattr.h>

#include "adapters/processes/executable.hpp"
#include "applications/process_texts.hpp"
#include "applications/program_environment.hpp"
#include "base/text/printable.hpp"

namespace keeper {

ReadResult count_sockets(
    const RunningProcess& process, ObservedProcess& found, const std::set<std::uint64_t>& listeners) {
    const std::string folder = process.path("fd/");
    const ReadResult result = process.for_each_socket([&](const char* descriptor, std::uint64_t inode) {
        std::array<char, 32> name{};
        if (getxattr((folder + descriptor).c_str(), "system.sockprotoname", name.data(), name.size() - 1) >
            0) {
            const std::string_view protocol(name.data());
            const bool is_tcp = protocol == "TCP" || protocol == "TCPv6";
            found.tcp_sockets += is_tcp ? 1U : 0U;
            found.tcp_listeners += is_tcp && listeners.count(inode) != 0 ? 1U : 0U;
            found.mptcp_sockets += protocol == "MPTCP" || protocol == "MPTCPv6" ? 1U : 0U;
        }
    });
    found.sockets_known = result == ReadResult::done;
    return result;
}

std::string UnitFinder::unit_of(const RunningProcess& process) const {
    return system_unit_of_cgroup(process.text("cgroup"), init_cgroup_);
}

void name_process(const RunningProcess& process, ObservedProcess& found) {
    found.name = printable(process.line("comm")); // a process can set any name
    const std::string network = process.link("ns/net");
    found.same_network = network.empty() || network == RunningProcess::self().link("ns/net");
}

void read_memory_maps(const RunningProcess& process, ObservedProcess& found) {
    found.has_preload = has_preload_mapped(process.text("maps"));
}

bool read_program(const RunningProcess& process, ObservedProcess& found) {
    const std::string maps = process.text("maps");
    found.has_preload = has_preload_mapped(maps);
    const std::string environment = process.text("environ");
    found.asks_for_preload = has_preload(variable_of(environment, "LD_PRELOAD"));
    const std::string_view go_debug = variable_of(environment, "GODEBUG");
    found.asks_go = go_debug.find("multipathtcp=1") != std::string_view::npos;
    found.refuses_go = go_debug.find("multipathtcp=0") != std::string_view::npos;
    found.executable = process.link("exe");
    const Executable executable = inspect_executable(process.path("exe"));
    const std::string auxiliary_vector = process.text("auxv");
    // The process's flag takes precedence over the file's: a setuid program run by its owner is not secure.
    found.is_secure = auxiliary_vector.empty() ? executable.is_secure : is_secure_start(auxiliary_vector);
    found.is_go = executable.is_go;
    found.go_version = executable.go_version;
    // For a program that was started through the loader, the executable is the loader's file.
    found.is_static = executable.is_known && !executable.is_dynamic && !has_loader_mapped(maps);
    return executable.is_known;
}

} // namespace keeper
