// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/try_files.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_tree.hpp"
#include "support/values.hpp"

namespace keeper::test {
namespace {

class TryFilesTest : public TemporaryTree {
  protected:
    [[nodiscard]] std::string path(const std::string& name) const { return root_ + "/run/" + name; }
    [[nodiscard]] TryFiles files() const { return TryFiles(root_ + "/run", BootMark(path("boot"))); }
    [[nodiscard]] PendingTry pending() const {
        PendingTry made;
        made.number = 7;
        made.boot_id = files().boot().value();
        made.phase = TryPhase::pending;
        made.deadline = std::chrono::milliseconds(123456);
        made.shown_deadline = std::chrono::system_clock::time_point(std::chrono::seconds(1795176000));
        made.file = "/root/new file.yaml";
        made.candidate = {
            .fingerprint = "c", .is_known = true, .files = {{.file = "a", .text = "sysctl: {}\n"}}};
        made.previous = {.fingerprint = "p", .is_known = false, .files = {}};
        made.found.boot_id = made.record.boot_id = "boot of the record";
        made.found.sysctls["enabled"] = {"0", "the try"};
        made.found.displaced[key("192.0.2.1:4000")] = {
            endpoint("192.0.2.1:4000", {EndpointFlag::signal}, 3, 9), "x"};
        made.found_live = {{"eth0", MptcpFlags{MptcpFlag::subflow}}};
        made.record.limits["subflows"] = {2, "f:1"};
        made.hook_prepared = "a\nb";
        return made;
    }
    [[nodiscard]] mode_t mode_of_file(const std::string& name) const {
        struct stat status {};
        EXPECT_EQ(::stat(path(name).c_str(), &status), 0) << name;
        return status.st_mode & 07777U;
    }
};

TEST_F(TryFilesTest, AnotherProcessReadsWhatWasSaved) {
    const PendingTry saved = pending();
    ASSERT_TRUE(files().save(saved));
    EXPECT_EQ(files().load().value(), saved);
    EXPECT_EQ(files().shown(), (ShownTry{.deadline = saved.shown_deadline, .file = saved.file}));
    EXPECT_EQ(mode_of_file("try.record"), 0640U) << "it contains configuration files";
    EXPECT_EQ(mode_of_file("try"), 0644U);
    ASSERT_TRUE(files().finish(7, TryOutcome::confirmed));
    EXPECT_EQ(files().load().value(), std::nullopt);
    EXPECT_EQ(files().shown(), std::nullopt);
    EXPECT_EQ(files().outcome_of(7), TryOutcome::confirmed);
    EXPECT_EQ(files().outcome_of(8), std::nullopt);
}

TEST_F(TryFilesTest, ATryOfAnotherBootIsForgotten) {
    PendingTry saved = pending();
    saved.boot_id = "another";
    ASSERT_TRUE(files().save(saved));
    // The mark, which is in the same folder, names the boot of the process that saved it.
    std::ofstream(path("boot")) << "this one\n";
    EXPECT_EQ(files().shown(), std::nullopt);
    EXPECT_EQ(files().load().value(), std::nullopt);
    struct stat status {};
    EXPECT_NE(::stat(path("try").c_str(), &status), 0) << "the dispatcher script checks whether it exists";
}

TEST_F(TryFilesTest, ADamagedRecordIsAnErrorThatNamesTheWayOut) {
    ASSERT_TRUE(files().save(pending()));
    for (const char* text : {"", "{", "[]", "{\"format\": 2}", "{\"format\": 1}", "\xff\xfe"}) {
        std::ofstream(path("try.record")) << text;
        const auto loaded = files().load();
        ASSERT_FALSE(loaded) << text;
        EXPECT_NE(loaded.error().message.find("remove " + path("try")), std::string::npos);
    }
}

TEST_F(TryFilesTest, KeepsTheFilesOfTheDaemonAndThoseThatWereTakenBack) {
    const KeptFiles kept{
        .fingerprint = "f",
        .is_known = true,
        .files = {{.file = "a", .text = "x: 1\n"}, {.file = "b", .text = ""}}};
    EXPECT_EQ(files().loaded(), std::nullopt);
    ASSERT_TRUE(files().save(pending())); // makes the folder
    ASSERT_TRUE(files().keep_loaded(kept));
    ASSERT_TRUE(files().keep_returned_to(kept));
    ASSERT_TRUE(files().reject("g"));
    EXPECT_EQ(files().loaded(), kept);
    EXPECT_EQ(files().returned_to(), kept);
    EXPECT_EQ(files().rejected(), "g");
    EXPECT_EQ(mode_of_file("loaded"), 0640U);
    EXPECT_EQ(mode_of_file("returned-to"), 0640U);
    files().forget_reverted();
    EXPECT_EQ(files().returned_to(), std::nullopt);
    EXPECT_EQ(files().rejected(), std::nullopt);
    EXPECT_EQ(files().loaded(), kept);
}

} // namespace
} // namespace keeper::test
