// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/directory.hpp"

#include <cerrno>

#include <fcntl.h>

#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"
#include "support/temporary_tree.hpp"

namespace keeper {
namespace {

using Names = std::vector<std::string>;
using DirectoryTest = test::TemporaryTree;

TEST_F(DirectoryTest, IsListedInTheOrderOfTheNames) {
    write("/b/file", "");
    write("/.hidden", "");
    write("/a", "");
    link("/c", "nowhere");
    const DirectoryListing listing = list_directory(root_);
    EXPECT_EQ(listing.names, (Names{".hidden", "a", "b", "c"}));
    EXPECT_EQ(listing.error, 0);
    EXPECT_EQ(list_directory(root_ + "/b").names, Names{"file"});
}

TEST_F(DirectoryTest, ThatCannotBeOpenedIsEmptyAndReportsWhy) {
    write("/file", "");
    EXPECT_EQ(list_directory(root_ + "/nowhere").error, ENOENT);
    EXPECT_EQ(list_directory(root_ + "/file").error, ENOTDIR);
    EXPECT_EQ(list_directory(root_ + "/file").names, Names{});

    DirectoryReader reader(root_ + "/nowhere");
    EXPECT_FALSE(reader);
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_EQ(reader.error(), ENOENT);
    EXPECT_EQ(reader.fd(), -1);
}

TEST_F(DirectoryTest, IsCutAtTheLimit) {
    for (const char* name : {"/a", "/b", "/c"}) {
        write(name, "");
    }
    EXPECT_EQ(list_directory(root_, 2).names.size(), 2U);
    EXPECT_EQ(list_directory(root_, 2).error, 0);
    EXPECT_EQ(list_directory(root_, 3).names, (Names{"a", "b", "c"}));
}

TEST_F(DirectoryTest, ReaderOpensItsEntries) {
    write("/file", "text");
    DirectoryReader reader(root_);
    const char* const name = reader.next();
    ASSERT_STREQ(name, "file");
    const UniqueFd file(::openat(reader.fd(), name, O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(file);
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_EQ(reader.error(), 0);
}

TEST_F(DirectoryTest, AFileInRunIsReplacedAsAWhole) {
    const std::string path = root_ + "/record";
    ASSERT_TRUE(replace_run_file(path, "first", 0600));
    ASSERT_TRUE(replace_run_file(path, "second", 0600));
    EXPECT_EQ(read_bounded(path, 100).value(), "second");
    EXPECT_EQ(list_directory(root_).names, Names{"record"}) << "no draft is left";
    const auto failed = replace_run_file(root_ + "/nowhere/record", "text", 0600);
    ASSERT_FALSE(failed);
    EXPECT_EQ(
        failed.error().message, "cannot write " + root_ + "/nowhere/record.new: No such file or directory");
}

TEST_F(DirectoryTest, WhatAnotherUserPlantedIsNeitherWrittenNorFollowed) {
    const std::string path = root_ + "/record";
    write("/victim", "kept");
    link("/record.new", "victim");
    ASSERT_TRUE(replace_run_file(path, "first", 0600));
    EXPECT_EQ(read_own_file(path, 100).value(), "first");
    link("/record.new", "victim");
    ASSERT_TRUE(replace_file(path, "second"));
    EXPECT_EQ(read_own_file(path, 100).value(), "second");
    EXPECT_EQ(read_bounded(root_ + "/victim", 100).value(), "kept");
    EXPECT_EQ(list_directory(root_).names, (Names{"record", "victim"}));

    link("/link", "victim");
    EXPECT_FALSE(read_own_file(root_ + "/link", 100));
    EXPECT_EQ(read_bounded(root_ + "/link", 100).value(), "kept");
    EXPECT_EQ(read_own_file(root_ + "/nowhere", 100).value(), std::nullopt);
}

TEST_F(DirectoryTest, WritingAllReportsErrno) {
    EXPECT_EQ(write_all(-1, "text"), EBADF);
    EXPECT_EQ(write_all(-1, ""), 0);
}

} // namespace
} // namespace keeper
