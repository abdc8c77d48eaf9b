// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/config_files.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/unique_fd.hpp"
#include "support/config_support.hpp"
#include "support/temporary_tree.hpp"

namespace keeper {
namespace {

namespace fs = std::filesystem;

LoadedConfig load_config(const std::vector<std::string>& files) {
    return parse_sources(ConfigFiles().read(files));
}

/// The configuration below a root of its own; paths in results are absolute.
class ConfigFilesTest : public test::TemporaryTree {
  protected:
    std::string path(const std::string& below) const { return root_ + below; }

    std::string write(const std::string& below, const std::string& text = "limits: {subflows: 1}\n") const {
        TemporaryTree::write(below, text);
        return path(below);
    }

    std::string link(const std::string& below, const std::string& target) const {
        TemporaryTree::link(below, target);
        return path(below);
    }

    std::vector<std::string> search() const { return ConfigFiles().search_path(root_); }

    /// The only error of an unusable file, without the path.
    std::string refusal(const std::string& file) const {
        const LoadedConfig config = load_config({file});
        EXPECT_EQ(config.files, std::vector<std::string>{file});
        EXPECT_EQ(config.errors.size(), 1U);
        if (config.errors.size() != 1) {
            return {};
        }
        EXPECT_EQ(config.errors[0].source, (Source{file, 1, 1}));
        EXPECT_EQ(config.errors[0].line_text, "");
        return config.errors[0].message;
    }
};

const std::string usr = "/usr/lib/mptcp-keeper/conf.d/";
const std::string run = "/run/mptcp-keeper/conf.d/";
const std::string etc = "/etc/mptcp-keeper/conf.d/";

TEST_F(ConfigFilesTest, WithoutFilesThePathIsEmpty) {
    EXPECT_EQ(search(), std::vector<std::string>{});
}

TEST_F(ConfigFilesTest, DropInsFollowTheMainFileInTheOrderOfTheirNames) {
    const std::string main = write("/etc/mptcp-keeper/config.yaml");
    const std::string b = write(etc + "10-b.yaml");
    const std::string c = write(usr + "20-c.yml");
    const std::string a = write(run + "05-a.yaml");
    EXPECT_EQ(search(), (std::vector<std::string>{main, a, b, c}));
}

TEST_F(ConfigFilesTest, EtcShadowsRunAndRunShadowsUsr) {
    write(usr + "a.yaml");
    write(usr + "b.yaml");
    write(run + "b.yaml");
    const std::string a = write(etc + "a.yaml");
    EXPECT_EQ(search(), (std::vector<std::string>{a, path(run + "b.yaml")}));
}

TEST_F(ConfigFilesTest, ALinkToDevNullMasks) {
    write(usr + "a.yaml");
    link(etc + "a.yaml", "/dev/null");
    link(run + "b.yaml", "/dev/null");
    link("/etc/mptcp-keeper/config.yaml", "/dev/null");
    const std::string b = write(etc + "b.yaml");
    EXPECT_EQ(search(), std::vector<std::string>{b});
}

TEST_F(ConfigFilesTest, OtherNamesAreNotDropIns) {
    for (const std::string name :
         {"a.yaml~", "a.yaml.rpmsave", "README", ".#a.yaml", ".a.yaml.swp", "yaml"}) {
        write(etc + name);
    }
    EXPECT_EQ(search(), std::vector<std::string>{});
}

TEST_F(ConfigFilesTest, AnUnusableFileIsPartOfThePathAndAnError) {
    write("/etc/mptcp-keeper/conf.d", "not a folder");
    link(run + "a.yaml", "nowhere");
    const std::string main = link("/etc/mptcp-keeper/config.yaml", "nowhere");
    EXPECT_EQ(
        search(), (std::vector<std::string>{main, path("/etc/mptcp-keeper/conf.d/"), path(run + "a.yaml")}));
    EXPECT_EQ(refusal(main), "is a link to a file that does not exist");
    EXPECT_EQ(refusal(path("/etc/mptcp-keeper/conf.d/")), "cannot be opened: Not a directory");
    EXPECT_EQ(load_config(search()).errors.size(), 3U);
}

TEST_F(ConfigFilesTest, AreReadInTheGivenOrder) {
    const std::string a = write("/a", "limits: {subflows: 1, add_addr_accepted: 1}\n");
    const std::string b = write("/b", "limits: {subflows: 2}\n");
    const LoadedConfig config = load_config({a, b});
    EXPECT_EQ(config.files, (std::vector<std::string>{a, b}));
    EXPECT_EQ(config.desired.subflows, (Declared<std::uint32_t>{2, {b, 1, 10}}));
    EXPECT_EQ(config.desired.add_addr_accepted, (Declared<std::uint32_t>{1, {a, 1, 23}}));
}

TEST_F(ConfigFilesTest, OtherThanRegularFilesAreRefusedAtOnce) {
    ::alarm(20); // opening a FIFO without a writer, or reading a terminal, would block forever
    ASSERT_EQ(::mkfifo(path("/fifo").c_str(), 0600), 0);
    EXPECT_EQ(refusal(path("/fifo")), "is a FIFO, not a regular file: use - to read standard input");
    EXPECT_EQ(refusal(root_), "is a directory: name a file in it");
    EXPECT_EQ(refusal("/dev/zero"), "is a device, not a regular file");
    EXPECT_EQ(refusal("/dev/null"), "is a device, not a regular file");
    EXPECT_EQ(refusal(link("/dangling", "nowhere")), "is a link to a file that does not exist");
    EXPECT_EQ(refusal(path("/none")), "cannot be opened: No such file or directory");
    EXPECT_EQ(refusal(""), "cannot be opened: No such file or directory");
    ::alarm(0);
}

TEST_F(ConfigFilesTest, ATooLargeFileIsRefusedAndNotReadToItsEnd) {
    EXPECT_EQ(
        refusal(write("/large", std::string(20'000'000, '#'))),
        "the file is larger than 256 KiB; split it into drop-ins");
    fs::resize_file(write("/sparse"), 1ULL << 40);
    EXPECT_EQ(refusal(path("/sparse")), "the file is larger than 256 KiB; split it into drop-ins");
}

TEST_F(ConfigFilesTest, OneBadFileDoesNotHideTheErrorsOfTheOthers) {
    const std::string a = write("/a", "limits: {subflows: x}\n");
    const std::string c = write("/c", "sysctl: {enabled: x}\n");
    const LoadedConfig config = load_config({a, path("/b"), c});
    ASSERT_EQ(config.errors.size(), 3U);
    EXPECT_EQ(config.errors[0].source, (Source{a, 1, 20}));
    EXPECT_EQ(config.errors[1].source, (Source{path("/b"), 1, 1}));
    EXPECT_EQ(config.errors[2].source, (Source{c, 1, 19}));
}

/// Replaces standard input by `fd` during its lifetime.
class StandardInput {
  public:
    explicit StandardInput(int fd) : before_(::dup(STDIN_FILENO)) { ::dup2(fd, STDIN_FILENO); }
    ~StandardInput() { ::dup2(before_.get(), STDIN_FILENO); }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;

  private:
    UniqueFd before_;
};

TEST_F(ConfigFilesTest, ADashIsStandardInput) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const UniqueFd reader(ends[0]);
    const std::string text = "limits: {subflows: 3}\n";
    ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    const StandardInput input(reader.get());
    const LoadedConfig config = load_config({"-"});
    EXPECT_EQ(printed(config.errors), std::vector<std::string>{});
    EXPECT_EQ(config.desired.subflows, (Declared<std::uint32_t>{3, {"-", 1, 10}}));
}

TEST_F(ConfigFilesTest, EndlessStandardInputIsRefused) {
    const UniqueFd endless(::open("/dev/zero", O_RDONLY));
    const StandardInput input(endless.get());
    EXPECT_EQ(refusal("-"), "the file is larger than 256 KiB; split it into drop-ins");
}

} // namespace
} // namespace keeper
