// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "report/doctor_report.hpp"
#include "report/json.hpp"
#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

Facts facts_about(const std::vector<Program>& programs) {
    Facts facts = healthy_facts();
    facts.programs_requested = true;
    facts.programs = programs;
    return facts;
}

Json programs_json(const std::vector<Program>& programs) {
    return Json::parse(doctor_json(diagnose(facts_about(programs))))["programs"];
}

TEST(DoctorPrograms, PreloadIsNotProposedIfItHasNoEffect) {
    for (const Image image : {Image::fixed, Image::secure, Image::go}) {
        const Diagnosis diagnosis = diagnose(facts_about({requested("/usr/bin/server", image)}));
        EXPECT_EQ(find(diagnosis, Code::app_uses_tcp), nullptr);
        EXPECT_FALSE(diagnosis.healthy());
    }
    EXPECT_NE(find(diagnose(facts_about({requested("/usr/bin/server")})), Code::app_uses_tcp), nullptr);
}

TEST(DoctorPrograms, DeclaredUnitIsRestarted) {
    const auto fix = [](const char* declared) {
        Facts facts = facts_about({requested("/usr/bin/server")});
        facts.programs[0].unit = "server@1.service";
        facts.desired->units[declared] = {};
        return find(diagnose(facts), Code::app_uses_tcp)->fix;
    };
    EXPECT_EQ(
        fix("server@*.service"),
        "systemctl daemon-reload && systemctl restart server@1.service   # or: mptcp-keeper apply "
        "--restart-units");
    EXPECT_EQ(fix("other.service"), "applications:\n  units: [server@1.service]");
}

TEST(DoctorPrograms, AUnitOfNeverThatUsesTcpHasNoFindings) {
    for (const Image image : {Image::dynamic, Image::fixed, Image::secure, Image::go}) {
        Facts facts = facts_about({requested("/usr/bin/server", image)});
        facts.programs[0].unit = "server.service";
        facts.programs[0].go_version = "1.20";
        facts.desired->never["server.service"] = {"a.yaml", 1, 1};
        EXPECT_TRUE(diagnose(facts).healthy()) << static_cast<int>(image);
        facts.programs[0].is_requested = false;
        facts.counters["MPCapableSYNTX"] = facts.counters["MPCapableSYNRX"] = 0;
        EXPECT_EQ(find(diagnose(facts), Code::app_uses_tcp), nullptr);
    }
}

TEST(DoctorPrograms, AGoProgramOfNeverThatUsesMptcpIsRestarted) {
    Program program = requested("/usr/bin/server", Image::go);
    program.unit = "server.service";
    program.go_version = "1.22.1";
    program.mptcp_sockets = 1;
    program.asks_go = true;
    Facts facts = facts_about({program});
    facts.desired->never["server.service"] = {"a.yaml", 1, 1};
    const Finding found = *find(diagnose(facts), Code::go_program);
    EXPECT_NE(found.fix.find("systemctl restart server.service"), std::string::npos) << found.fix;
    EXPECT_EQ(found.severity, Severity::warning);
}

TEST(DoctorPrograms, AGoProgramThatListensWithMptcpByDefaultCanBeKeptOnTcp) {
    Program program = requested("/usr/bin/gobgpd", Image::go);
    program.unit = "gobgpd.service";
    program.go_version = "1.24.4";
    program.mptcp_sockets = 1;
    Facts facts = facts_about({program});
    const auto found = [&] { return *find(diagnose(facts), Code::go_program); };
    EXPECT_EQ(found().fix, "applications:\n  never: [gobgpd.service]");
    EXPECT_EQ(found().severity, Severity::warning) << "it is known not to work with MPTCP";
    EXPECT_NE(found().evidence.find("although nothing declares that"), std::string::npos) << found().evidence;
    EXPECT_NE(found().evidence.find("TCP_MD5SIG"), std::string::npos);
    facts.desired->never["gobgpd.service"] = {"a.yaml", 1, 1};
    EXPECT_NE(found().fix.find("systemctl restart gobgpd.service"), std::string::npos);
    facts.programs[0].refuses_go = true;
    EXPECT_NE(found().evidence.find("its code requests MPTCP"), std::string::npos);
    facts.desired->never.clear();
    facts.programs[0] = program;
    facts.programs[0].unit = "web.service";
    facts.programs[0].executable = "/usr/bin/web";
    EXPECT_EQ(found().severity, Severity::info);
}

TEST(DoctorPrograms, AProgramWithAnOptionOfItsOwnIsToldSo) {
    Facts facts = facts_about({requested("/usr/sbin/nginx")});
    EXPECT_NE(
        find(diagnose(facts), Code::app_uses_tcp)
            ->fix.find("from nginx or freenginx 1.29.7 (freenginx: 1.27.5) on: listen 443 ssl multipath;"),
        std::string::npos);
    facts.desired->never[facts.programs[0].unit] = {"a.yaml", 1, 1};
    EXPECT_EQ(find(diagnose(facts), Code::app_uses_tcp), nullptr) << "it should use TCP";
}

TEST(DoctorPrograms, InheritedSocketsNeedAFreshStart) {
    Program prepared = requested("/usr/bin/server");
    prepared.tcp_sockets = 1;
    prepared.has_preload = true;
    Facts facts = facts_about({prepared});
    facts.desired->units["server.service"] = {"a.yaml", 1, 1};
    const Diagnosis diagnosis = diagnose(facts);
    const Finding* finding = find(diagnosis, Code::app_uses_tcp);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(
        finding->fix,
        "systemctl stop server.service; systemctl clean --what=fdstore server.service; "
        "systemctl start server.service   # or declare the socket unit that opens them");
}

TEST(DoctorPrograms, SocketsOfASocketUnitGetTheCureOfStatus) {
    Program prepared = requested("/usr/bin/server");
    prepared.tcp_sockets = 1;
    prepared.has_preload = true;
    Facts facts = facts_about({prepared});
    facts.desired->units["server.service"] = {"a.yaml", 1, 1};
    facts.socket_units = {{"/etc/systemd/system/server.socket", "[Socket]\nListenStream=80\n"}};
    EXPECT_EQ(find(diagnose(facts), Code::app_uses_tcp)->fix, "applications:\n  units: [server.socket]");
    facts.first_systemd_with_mptcp_sockets = 257;
    EXPECT_TRUE(find(diagnose(facts), Code::app_uses_tcp)
                    ->fix.starts_with("systemctl disable --now server.socket && systemctl enable server"));
}

TEST(DoctorPrograms, AreNotListedIfPreloadHasNoEffect) {
    Facts facts = healthy_facts();
    facts.counters = {{"MPCapableSYNTX", 0}};
    facts.programs = {program(8, 1, 0)};
    facts.programs[0].is_static = true;
    EXPECT_EQ(find(diagnose(facts), Code::app_uses_tcp), nullptr);
    facts.programs[0].is_static = false;
    EXPECT_NE(find(diagnose(facts), Code::app_uses_tcp), nullptr);
}

TEST(DoctorPrograms, AreShownIfRequestedEvenWithoutFindings) {
    Program fine = requested("/usr/bin/server");
    fine.tcp_sockets = 0;
    fine.mptcp_sockets = 2;
    fine.has_preload = true;
    const Diagnosis diagnosis = diagnose(facts_about({fine, program(8, 1, 0)}));
    EXPECT_TRUE(diagnosis.healthy());
    EXPECT_EQ(diagnosis.programs, std::vector<Program>{fine});
    const std::string text = doctor_text(diagnosis, Colour::never);
    EXPECT_NE(
        text.find("  server (pid 7, server.service)\n"
                  "      2 MPTCP sockets, 0 plain TCP sockets; libmptcpwrap is loaded; dynamically linked\n"),
        std::string::npos)
        << text;
    EXPECT_EQ(
        programs_json({fine}),
        Json::parse(
            R"([{"pid": 7, "name": "server", "unit": "server.service", "executable": "/usr/bin/server",
                         "sockets": {"mptcp": 2, "tcp": 0}, "preloaded": true, "go": false, "static": false,
                         "setuid": false, "same_network": true}])"));
}

TEST(DoctorPrograms, AreShownWithoutSockets) {
    Program idle = requested("/usr/bin/server");
    idle.tcp_sockets = 0;
    const std::string text = doctor_text(diagnose(facts_about({idle})), Colour::never);
    EXPECT_NE(text.find("it has no MPTCP or TCP sockets"), std::string::npos) << text;
}

TEST(DoctorPrograms, HaveNullForWhatCannotBeRead) {
    Program hidden;
    hidden.pid = 7;
    hidden.is_requested = true;
    const Json shown = programs_json({hidden}).front();
    for (const char* key : {"unit", "sockets", "preloaded", "go", "static", "setuid"}) {
        EXPECT_TRUE(shown[key].is_null()) << key;
    }
    Facts facts = facts_about({hidden});
    facts.skipped = {{"sockets of server (pid 7)", "cannot read them"}};
    const std::string text = doctor_text(diagnose(facts), Colour::never);
    EXPECT_NE(text.find("its sockets could not be read"), std::string::npos) << text;
    EXPECT_NE(text.find("by the checks that ran; 1 check was skipped"), std::string::npos) << text;
}

TEST(DoctorPrograms, AreOmittedUnlessRequested) {
    Facts facts = healthy_facts();
    facts.programs = {program(8, 0, 1)};
    EXPECT_FALSE(Json::parse(doctor_json(diagnose(facts))).contains("programs"));
}

} // namespace
} // namespace keeper
