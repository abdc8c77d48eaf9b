// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/files/lock.hpp"
#include "support/temporary_tree.hpp"

namespace keeper {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class LockTest : public test::TemporaryTree {
  protected:
    [[nodiscard]] Result<UniqueFd> take(LockPatience patience) {
        return take_lock(folder_ / "run" / "lock", patience, [this] { ++notices_; });
    }

    const fs::path folder_ = root_;
    int notices_ = 0;
};

TEST_F(LockTest, IsTakenAtOnceIfItIsFree) {
    const auto lock = take({0ms, 0ms});
    ASSERT_TRUE(lock) << lock.error().message;
    EXPECT_EQ(notices_, 0);
    EXPECT_NE(::fcntl(lock->get(), F_GETFD) & FD_CLOEXEC, 0);
    struct stat status {};
    ASSERT_EQ(::stat((folder_ / "run").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0755U);
}

TEST_F(LockTest, GivesUpAfterTheLimitAndShowsHowToFindTheHolder) {
    const auto first = take({0ms, 0ms});
    ASSERT_TRUE(first);
    const auto second = take({60ms, 20ms});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::busy);
    EXPECT_NE(second.error().message.find((folder_ / "run" / "lock").string()), std::string::npos);
    EXPECT_EQ(notices_, 1) << "called once";
}

TEST_F(LockTest, WaitsForTheHolderToEnd) {
    auto first = take({0ms, 0ms});
    ASSERT_TRUE(first);
    const auto second = take_lock(
        folder_ / "run" / "lock", {60s, 0ms}, [&] { first->reset(); }); // the holder ends during the wait
    EXPECT_TRUE(second);
}

TEST_F(LockTest, IsFreeAgainOnceReleased) {
    { const auto first = take({0ms, 0ms}); }
    EXPECT_TRUE(take({0ms, 0ms}));
}

TEST_F(LockTest, AFileThatCannotBeOpenedIsAnErrorAndNotABusyLock) {
    fs::create_symlink("/dev/null", folder_ / "lock");
    FileLock lock((folder_ / "lock").string());
    EXPECT_FALSE(lock.try_lock());
    EXPECT_FALSE(lock.lock([] {}));
}

TEST_F(LockTest, IsNullWhileAnotherWriterHoldsIt) {
    FileLock one((folder_ / "lock").string());
    FileLock other((folder_ / "lock").string());
    auto held = one.lock([] {});
    ASSERT_TRUE(held && *held);
    const auto taken = other.try_lock();
    ASSERT_TRUE(taken);
    EXPECT_EQ(*taken, nullptr);
    held->reset();
    const auto free = other.try_lock();
    EXPECT_TRUE(free && *free);
}

} // namespace
} // namespace keeper
