// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace keeper::test {

/// A fixture with an empty folder of its own, which is removed after the test. Paths are below that folder.
class TemporaryTree : public testing::Test {
  protected:
    TemporaryTree() {
        std::string name = (std::filesystem::temp_directory_path() / "keeper-tree-XXXXXX").string();
        root_ = ::mkdtemp(name.data()) != nullptr ? name : "";
    }
    TemporaryTree(const TemporaryTree&) = delete;
    TemporaryTree& operator=(const TemporaryTree&) = delete;
    ~TemporaryTree() override {
        std::error_code error;
        std::filesystem::remove_all(root_, error);
    }
    void SetUp() override { ASSERT_FALSE(root_.empty()) << "cannot create a temporary folder"; }

    void write(const std::string& path, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << text;
    }
    void link(const std::string& path, const std::string& target) const {
        std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
        std::filesystem::create_symlink(target, root_ + path);
    }

    std::string root_;
};

} // namespace keeper::test
