// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "ports/lock_port.hpp"

namespace keeper {

/// How long to wait for a lock that another process holds.
struct LockPatience {
    std::chrono::milliseconds limit{60'000};
    std::chrono::milliseconds before_notice{1'000};
};

/// Takes an exclusive flock(2) on the file, which is created with its directory (0755) if missing. The
/// descriptor is closed on exec; the lock is held exactly as long as it is open, however the process ends.
///
/// Waits while another process holds the lock: calls `notice` once after `before_notice`, and gives up with
/// ErrorKind::busy after `limit`.
[[nodiscard]] Result<UniqueFd>
take_lock(const std::string& path, const LockPatience& patience, const std::function<void()>& notice);

/// The lock of all writers, on a file.
class FileLock final : public LockPort {
  public:
    explicit FileLock(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] Result<std::unique_ptr<Guard>> try_lock() override;
    [[nodiscard]] Result<std::unique_ptr<Guard>> lock(const std::function<void()>& on_wait) override;

  private:
    std::string path_;
};

} // namespace keeper
