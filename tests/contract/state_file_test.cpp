// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/files/state_file.hpp"
#include "support/temporary_tree.hpp"

namespace keeper {
namespace {

namespace fs = std::filesystem;

class StateFileTest : public test::TemporaryTree {
  protected:
    [[nodiscard]] fs::path path() const { return folder_ / "lib" / "keeper" / "state.json"; }
    [[nodiscard]] Ownership record() const {
        Ownership ownership = StateFile(path()).load().value();
        ownership.sysctls["enabled"] = {"0", "/etc/a.yaml:1"};
        ownership.endpoints[parse_socket_address("192.0.2.1").value()] = {{EndpointFlag::signal}, "b:2"};
        ownership.kernel.endpoint_capacity = 8;
        return ownership;
    }
    void overwrite(const std::string& text) const {
        fs::create_directories(path().parent_path());
        std::ofstream(path()) << text;
    }
    [[nodiscard]] static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777U;
    }

    const fs::path folder_{root_};
};

TEST_F(StateFileTest, IsEmptyAtFirstAndNotCreatedWithoutContent) {
    StateFile file(path());
    const Ownership nothing = file.load().value();
    EXPECT_TRUE(nothing.empty());
    EXPECT_FALSE(nothing.boot_id.empty());
    EXPECT_TRUE(file.save(nothing));
    EXPECT_FALSE(fs::exists(path().parent_path()));
}

TEST_F(StateFileTest, IsReadBackFromDisk) {
    const Ownership written = record();
    ASSERT_TRUE(StateFile(path()).save(written));
    EXPECT_EQ(StateFile(path()).load().value(), written);
}

TEST_F(StateFileTest, IdentifiesTheBootByTheMark) {
    const std::string mark = (folder_ / "run" / "boot").string();
    Ownership written = record();
    ASSERT_TRUE(StateFile(path(), BootMark(mark)).save(written));
    std::ifstream first(mark);
    std::string id;
    ASSERT_TRUE(std::getline(first, id)) << "the first process that records something writes the mark";
    EXPECT_EQ(id, written.boot_id);

    // A process that sees another kernel id, as in a container, uses the mark.
    std::ofstream(mark) << "another-boot\n";
    const Ownership next_boot = StateFile(path(), BootMark(mark)).load().value();
    EXPECT_EQ(next_boot.boot_id, "another-boot");
    EXPECT_TRUE(next_boot.endpoints.empty()) << "they did not survive the reboot";
    EXPECT_EQ(next_boot.sysctls, written.sysctls);
}

TEST_F(StateFileTest, IsReadableByAllAndWritableByTheOwnerWhateverTheUmask) {
    const mode_t before = ::umask(077);
    const auto saved = StateFile(path()).save(record());
    ::umask(before);
    ASSERT_TRUE(saved);
    EXPECT_EQ(mode_of(path()), 0644U);
    EXPECT_EQ(mode_of(path().parent_path()), 0755U);
    EXPECT_EQ(mode_of(path().parent_path().parent_path()), 0755U);
}

TEST_F(StateFileTest, IsNotWrittenIfItIsUnchanged) {
    StateFile file(path());
    ASSERT_TRUE(file.save(record()));
    struct stat before {};
    ASSERT_EQ(::stat(path().c_str(), &before), 0);
    ASSERT_TRUE(file.save(record()));
    struct stat after {};
    ASSERT_EQ(::stat(path().c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(fs::directory_iterator(path().parent_path())->path(), path()) << "no temporary file remains";
}

TEST_F(StateFileTest, RefusesACorruptFileByNameAndProposesAFix) {
    overwrite("{\"version\": 1");
    const auto loaded = StateFile(path()).load();
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().message.find(path().string()), std::string::npos);
    EXPECT_NE(loaded.error().message.find("move it away"), std::string::npos);
}

TEST_F(StateFileTest, RefusesOtherThanRegularFilesWithoutHanging) {
    fs::create_directories(path());
    EXPECT_FALSE(StateFile(path()).load());
    fs::remove(path());
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_FALSE(StateFile(path()).load());
}

TEST_F(StateFileTest, ReadsBackALongRecord) {
    Ownership written = record();
    for (int i = 0; i < 20000; ++i) {
        written.profiles["3f6a9c1e-0000-4000-8000-" + std::to_string(100000000000 + i)] = {
            "profile of an image that was made anew " + std::to_string(i),
            {},
            "/etc/mptcp-keeper/config.yaml:7"};
    }
    StateFile file(path());
    ASSERT_TRUE(file.save(written));
    ASSERT_GT(fs::file_size(path()), 2U * 1024U * 1024U);
    EXPECT_EQ(file.load().value(), written);
    written.profiles.clear();
    ASSERT_TRUE(file.save(written));
    EXPECT_EQ(file.load().value(), written);
}

TEST_F(StateFileTest, RefusesAFileThatWouldExhaustTheMemory) {
    overwrite("");
    fs::resize_file(path(), 1ULL << 33U); // sparse
    EXPECT_FALSE(StateFile(path()).load());
}

TEST_F(StateFileTest, ReportsWhatCannotBeWritten) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "lib") << "a file instead of the directory";
    const auto saved = StateFile(path()).save(Ownership{});
    EXPECT_FALSE(saved) << "the record cannot even be read";
}

} // namespace
} // namespace keeper
