// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/socket_processes.hpp"

#include <unordered_set>

#include "adapters/processes/running_process.hpp"
#include "applications/process_texts.hpp"
#include "base/text/printable.hpp"

namespace keeper {

namespace {

SocketProcess describe(const RunningProcess& process) {
    return {
        .pid = process.pid(),
        .name = printable(process.line("comm")),
        .unit = unit_of_cgroup(process.text("cgroup"))};
}

} // namespace

ProcessesByInode processes_of_sockets(const std::set<std::uint64_t>& inodes) {
    ProcessesByInode found;
    std::unordered_set<std::uint64_t> wanted(inodes.begin(), inodes.end());
    wanted.erase(0);
    if (wanted.empty()) {
        return found;
    }
    for_each_process([&](const RunningProcess& process) {
        SocketProcess holder;
        const auto take = [&](const char* /*descriptor*/, std::uint64_t inode) {
            if (wanted.erase(inode) == 0) {
                return;
            }
            if (holder.pid == 0) {
                holder = describe(process);
            }
            found.emplace(inode, holder);
        };
        static_cast<void>(process.for_each_socket(take)); // finds nothing if it ended or may not be accessed
        return !wanted.empty();
    });
    return found;
}

} // namespace keeper
