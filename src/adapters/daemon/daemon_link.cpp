// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/daemon/daemon_link.hpp"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/processes/process_age.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t largest_record = 1024 * 1024;
constexpr mode_t everybody_reads = 0644;
constexpr mode_t root_alone = 0600;

Error another_daemon() {
    return {ErrorKind::busy, "another mptcp-keeper daemon is already running"};
}

/// Whether that process belongs to root and runs this program. Its name alone would prove nothing.
bool is_keeper_of_root(std::int64_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    struct stat owner {};
    std::error_code error;
    std::string program = std::filesystem::read_symlink(folder + "/exe", error).filename();
    program = program.substr(0, program.find(' ')); // "mptcp-keeper (deleted)" after an upgrade
    return ::stat(folder.c_str(), &owner) == 0 && owner.st_uid == 0 && program == "mptcp-keeper";
}

bool is_alive(const DaemonRecord& record) {
    const auto start_time = start_time_of(record.pid);
    if (!start_time) {
        return !sees_other_processes(); // hidden; only a killed daemon leaves its record behind
    }
    return record.start_time == 0 ? is_keeper_of_root(record.pid) : *start_time == record.start_time;
}

bool is_same_file(int fd, const std::string& path) {
    struct stat opened {};
    struct stat named {};
    return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

} // namespace

/// A file that other users can open, as older releases created it, may be locked by any of them: it is
/// replaced. The own group may: for a daemon that is not root, root creates the file.
Result<UniqueFd> DaemonLink::open_lock() const {
    const std::string path = folder_ + "/daemon.lock";
    for (;;) {
        UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, root_alone));
        struct stat status {};
        if (!lock || ::fstat(lock.get(), &status) != 0) {
            return fail(system_error("cannot open " + path, errno));
        }
        const mode_t others = status.st_gid == ::getegid() ? S_IRWXO : S_IRWXG | S_IRWXO;
        if ((status.st_mode & others) == 0) {
            return lock;
        }
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
            return fail(system_error("cannot remove " + path, errno));
        }
    }
}

Result<UniqueFd> DaemonLink::take_daemon_lock() const {
    auto made = make_directories(folder_);
    if (!made) {
        return propagate(made);
    }
    const std::string poke = folder_ + "/poke";
    const UniqueFd poked(::open(poke.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, root_alone));
    if (!poked) {
        return fail(system_error("cannot create " + poke, errno));
    }
    auto lock = open_lock();
    if (!lock) {
        return lock;
    }
    // The dispatcher script holds the lock for a moment when it checks whether a daemon runs.
    for (int tries = 0; ::flock(lock->get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
        constexpr int most_tries = 50;
        if (tries == most_tries) {
            return fail(another_daemon());
        }
        std::this_thread::sleep_for(milliseconds(20));
    }
    if (!is_same_file(lock->get(), folder_ + "/daemon.lock")) {
        return fail(another_daemon()); // which has just replaced the file
    }
    remove_record(); // a killed daemon leaves its own
    return lock;
}

Result<void> DaemonLink::publish(const DaemonRecord& record) const {
    return replace_run_file(folder_ + "/daemon.json", daemon_record_json(record), everybody_reads);
}

void DaemonLink::remove_record() const {
    (void)::unlink((folder_ + "/daemon.json").c_str()); // one that remains names a process that has ended
}

std::optional<DaemonRecord> DaemonLink::record() const {
    const auto text = read_own_file(folder_ + "/daemon.json", largest_record);
    if (!text || !*text) {
        return std::nullopt;
    }
    auto record = parse_daemon_record(**text);
    return record ? std::optional<DaemonRecord>(std::move(*record)) : std::nullopt;
}

std::optional<DaemonRecord> DaemonLink::running_daemon() const {
    auto found = record();
    return found && is_alive(*found) ? found : std::nullopt;
}

Result<std::optional<DaemonReply>> DaemonLink::reply_without_socket() const {
    const auto found = running_daemon();
    if (!found) {
        return std::optional<DaemonReply>();
    }
    return fail(
        ErrorKind::unavailable,
        "a daemon (pid " + std::to_string(found->pid) + ") is running but does not listen on " + socket() +
            ": it is an older release, or the socket was removed; run `systemctl restart mptcp-keeper`");
}

} // namespace keeper
