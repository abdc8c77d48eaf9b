#include "adapters/system/daemon_link.hpp"

#include <cerrno>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/system/files.hpp"
#include "adapters/system/lock.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t largest_record = 1024 * 1024;
constexpr mode_t everybody_reads = 0644;

/// A lock and nothing else: held from try_lock() on.
class HeldLock final : public LockPort::Guard {
  public:
    explicit HeldLock(UniqueFd file) : file_(std::move(file)) {}

  private:
    UniqueFd file_;
};

} // namespace

Result<UniqueFd> DaemonLink::become_daemon() const {
    auto made = make_directories(folder_);
    if (!made) {
        return tl::unexpected<Error>(made.error());
    }
    const std::string poke = folder_ + "/poke";
    const UniqueFd poked(
        ::open(poke.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!poked) {
        return tl::unexpected<Error>(system_error("cannot make " + poke, errno));
    }
    const std::string path = folder_ + "/daemon.lock";
    UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, everybody_reads));
    if (!lock) {
        return tl::unexpected<Error>(system_error("cannot open " + path, errno));
    }
    // A command that looks whether a daemon runs holds the lock for a moment.
    for (int tries = 0; ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
        constexpr int most_tries = 50;
        if (tries == most_tries) {
            return fail(ErrorKind::busy, "another mptcp-keeper daemon is running already");
        }
        std::this_thread::sleep_for(milliseconds(20));
    }
    // A record of the daemon before names a process that may be anybody's by now.
    const std::string record = folder_ + "/daemon.json";
    if (::unlink(record.c_str()) != 0 && errno != ENOENT) {
        return tl::unexpected<Error>(system_error("cannot remove " + record, errno));
    }
    return lock;
}

Result<void> DaemonLink::publish(const DaemonRecord& record) const {
    // No fsync: /run does not outlive a power cut anyway.
    const std::string path = folder_ + "/daemon.json";
    const std::string draft = path + ".new";
    const std::string text = daemon_record_json(record);
    {
        const UniqueFd file(
            ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, everybody_reads));
        if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            return tl::unexpected<Error>(system_error("cannot write " + draft, errno));
        }
    }
    if (::rename(draft.c_str(), path.c_str()) != 0) {
        return tl::unexpected<Error>(system_error("cannot write " + path, errno));
    }
    return {};
}

bool DaemonLink::is_daemon_running() const {
    const UniqueFd lock(::open((folder_ + "/daemon.lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    return lock && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::optional<DaemonRecord> DaemonLink::running_daemon() const {
    if (!is_daemon_running()) {
        return std::nullopt;
    }
    auto text = read_bounded(folder_ + "/daemon.json", largest_record);
    if (!text || !*text) {
        return std::nullopt;
    }
    auto record = parse_daemon_record(**text);
    return record ? std::optional<DaemonRecord>(std::move(*record)) : std::nullopt;
}

Result<void> DaemonLink::make_daemon_load(milliseconds at_most) const {
    const auto before = running_daemon();
    if (!before) {
        return {};
    }
    if (::kill(static_cast<pid_t>(before->pid), SIGUSR1) != 0) {
        return tl::unexpected<Error>(system_error("cannot tell the daemon to load the files", errno));
    }
    const auto end = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        const auto now = running_daemon();
        if (!now || now->loads != before->loads || now->pid != before->pid) {
            return {};
        }
        if (std::chrono::steady_clock::now() >= end) {
            return fail(
                ErrorKind::timed_out,
                "the daemon (pid " + std::to_string(before->pid) + ") has not loaded the files yet");
        }
        std::this_thread::sleep_for(milliseconds(2));
    }
}

std::unique_ptr<LockPort::Guard> FileLock::try_lock() {
    auto file = take_lock(path_, LockPatience{milliseconds(0), milliseconds(0)}, [] {});
    return file ? std::make_unique<HeldLock>(std::move(*file)) : nullptr;
}

} // namespace keeper
