// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/lock.hpp"

#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "adapters/files/files.hpp"

namespace keeper {

namespace {

/// Holds a lock for the lifetime of the object.
class HeldLock final : public LockPort::Guard {
  public:
    explicit HeldLock(UniqueFd file) : file_(std::move(file)) {}

  private:
    UniqueFd file_;
};

} // namespace

Result<UniqueFd>
take_lock(const std::string& path, const LockPatience& patience, const std::function<void()>& notice) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds between_tries(20);
    if (auto made = make_directories(directory_of(path)); !made) {
        return propagate(made);
    }
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!file) {
        return fail(system_error("cannot open the lock " + path, errno));
    }
    const Clock::time_point start = Clock::now();
    bool is_noticed = false;
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail(system_error("cannot take the lock " + path, errno));
        }
        const auto waited = Clock::now() - start;
        if (waited >= patience.limit) {
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience.limit).count();
            return fail(
                ErrorKind::busy,
                "another mptcp-keeper process has held the lock " + path + " for " + std::to_string(seconds) +
                    " s; `fuser -v " + path + "` shows it");
        }
        if (!is_noticed && waited >= patience.before_notice) {
            is_noticed = true;
            notice();
        }
        std::this_thread::sleep_for(between_tries);
    }
    return file;
}

Result<std::unique_ptr<LockPort::Guard>> FileLock::try_lock() {
    auto file = take_lock(path_, {std::chrono::milliseconds(0), std::chrono::milliseconds(0)}, [] {});
    if (!file && file.error().kind == ErrorKind::busy) {
        return nullptr;
    }
    if (!file) {
        return propagate(file);
    }
    return std::make_unique<HeldLock>(std::move(*file));
}

Result<std::unique_ptr<LockPort::Guard>> FileLock::lock(const std::function<void()>& on_wait) {
    auto file = take_lock(path_, LockPatience{}, on_wait);
    if (!file) {
        return propagate(file);
    }
    return std::make_unique<HeldLock>(std::move(*file));
}

} // namespace keeper
