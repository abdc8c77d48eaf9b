// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/unit_files.hpp"

#include "adapters/doctor/gatherers.hpp"
#include "support/temporary_tree.hpp"

namespace keeper {
namespace {

/// Units below a root, by the rules of systemd.unit(5).
class UnitFilesTest : public test::TemporaryTree {
  protected:
    [[nodiscard]] HostFile read(const std::string& name) const { return read_unit(name, root_); }
    [[nodiscard]] std::string path(const std::string& inside) const { return root_ + inside; }
};

TEST_F(UnitFilesTest, AUnitThatDoesNotExistHasNoPath) {
    EXPECT_EQ(read("a.socket"), HostFile{});
}

TEST_F(UnitFilesTest, TheFolderOfHighestPrecedenceDecides) {
    const std::vector<std::string> folders{
        "/run/systemd/generator.late",
        "/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/usr/local/lib/systemd/system",
        "/run/systemd/generator",
        "/run/systemd/system",
        "/etc/systemd/system",
        "/run/systemd/generator.early",
        "/run/systemd/transient",
        "/run/systemd/system.control",
        "/etc/systemd/system.control"};
    for (const std::string& folder : folders) {
        write(folder + "/a.socket", "# " + folder);
        EXPECT_EQ(read("a.socket"), (HostFile{path(folder + "/a.socket"), "# " + folder}));
    }
}

TEST_F(UnitFilesTest, DropInsAreInTheOrderOfTheirNamesWhateverTheirFolders) {
    write("/usr/lib/systemd/system/a.socket", "unit");
    write("/etc/systemd/system/a.socket.d/10-first.conf", "first");
    write("/run/systemd/generator/a.socket.d/50-second.conf", "second");
    write("/usr/lib/systemd/system/a.socket.d/90-third.conf", "third");
    write("/etc/systemd/system/a.socket.d/20-editors-copy.conf~", "copy");
    EXPECT_EQ(read("a.socket").text, "unit\nfirst\nsecond\nthird");
}

TEST_F(UnitFilesTest, ADropInShadowsThoseOfItsNameInFoldersOfLowerPrecedence) {
    write("/usr/lib/systemd/system/a.socket", "unit");
    write("/usr/lib/systemd/system/a.socket.d/10-same.conf", "of the vendor");
    write("/usr/lib/systemd/system/a.socket.d/20-hidden.conf", "hidden");
    write("/run/systemd/system/a.socket.d/10-same.conf", "of this boot");
    write("/etc/systemd/system/a.socket.d/10-same.conf", "of the administrator");
    link("/etc/systemd/system/a.socket.d/20-hidden.conf", "/dev/null");
    EXPECT_EQ(read("a.socket").text, "unit\nof the administrator\n");
}

TEST_F(UnitFilesTest, AnInstanceHasItsTemplateAndTheDropInsOfBoth) {
    write("/usr/lib/systemd/system/a@.socket", "template");
    write("/etc/systemd/system/a@.socket.d/20-template.conf", "of the template");
    write("/etc/systemd/system/a@.socket.d/30-same.conf", "of the template, too");
    write("/etc/systemd/system/a@1.socket.d/10-instance.conf", "of the instance");
    write("/etc/systemd/system/a@1.socket.d/30-same.conf", "of the instance, too");
    EXPECT_EQ(
        read("a@1.socket"),
        (HostFile{
            path("/usr/lib/systemd/system/a@.socket"),
            "template\nof the instance\nof the template\nof the instance, too"}));
    EXPECT_EQ(read("a@2.socket").text, "template\nof the template\nof the template, too");

    write("/usr/lib/systemd/system/a@2.socket", "instance");
    EXPECT_EQ(read("a@2.socket").path, path("/usr/lib/systemd/system/a@2.socket"));
}

TEST_F(UnitFilesTest, AMaskedUnitHasNoText) {
    write("/usr/lib/systemd/system/a.socket", "unit");
    write("/etc/systemd/system/a.socket.d/10-drop-in.conf", "drop-in");
    link("/etc/systemd/system/a.socket", "/dev/null");
    EXPECT_EQ(read("a.socket"), (HostFile{path("/etc/systemd/system/a.socket"), ""}));
    write("/etc/systemd/system.control/a.socket", "");
    EXPECT_EQ(read("a.socket"), (HostFile{path("/etc/systemd/system.control/a.socket"), ""}));
}

TEST_F(UnitFilesTest, DoctorReadsSocketUnitsAsAllOthersDo) {
    write("/usr/lib/systemd/system/asked.socket", "ListenStream=80\n");
    write("/usr/lib/systemd/system/asked.socket.d/50-a.conf", "of the vendor");
    write("/run/systemd/generator/asked.socket.d/50-mptcp-keeper.conf", "SocketProtocol=mptcp\n");
    write("/etc/systemd/system/asked.socket.d/50-a.conf", "of the administrator");
    write("/usr/lib/systemd/system/enabled@.socket", "ListenStream=81\n[Install]\n");
    write("/etc/systemd/system/enabled@.socket.d/a.conf", "of the template");
    link(
        "/etc/systemd/system/sockets.target.wants/enabled@.socket",
        "/usr/lib/systemd/system/enabled@.socket");
    write("/usr/lib/systemd/system/not-enabled.socket", "ListenStream=82\n[Install]\n");
    write("/usr/lib/systemd/system/masked.socket", "ListenStream=83\n");
    write("/etc/systemd/system/masked.socket.d/a.conf", "drop-in");
    link("/etc/systemd/system/masked.socket", "/dev/null");
    link("/etc/systemd/system/sockets.target.wants/masked.socket", "/usr/lib/systemd/system/masked.socket");
    write("/etc/systemd/system/static.socket", "ListenStream=84\n");

    Facts facts;
    gather::files("asked.service", facts, root_);
    EXPECT_EQ(
        facts.socket_units,
        (std::vector<HostFile>{read("asked.socket"), read("enabled@.socket"), read("static.socket")}));
    EXPECT_EQ(
        facts.socket_units.front().text, "ListenStream=80\n\nof the administrator\nSocketProtocol=mptcp\n");
}

} // namespace
} // namespace keeper
