// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/status_text.hpp"
#include "status/status.hpp"
#include "support/status_fixture.hpp"

namespace keeper {
namespace {

using namespace status_fixture;

TEST(StatusJson, MatchesTheContract) {
    Status status = status_of_host();
    status.sysctls.erase("stale_loss_cnt");
    status.sysctls.erase("scheduler");
    status.limits.erase("add_addr_accepted");
    status.endpoints.erase(status.endpoints.begin() + 2, status.endpoints.end());
    status.profiles.resize(1);
    status.counters = {{"MPJoinSynTx", 2}};
    EXPECT_EQ(status_json(status), R"doc({
  "in_sync": false,
  "loaded": true,
  "kernel": {
    "release": "6.18.0",
    "mptcp": true
  },
  "network_manager": {
    "running": true,
    "version": "1.42.4"
  },
  "sysctl": {
    "close_timeout": {
      "desired": "60",
      "observed": null,
      "in_sync": true,
      "source": "/etc/mptcp-keeper/config.yaml:7"
    },
    "enabled": {
      "desired": "1",
      "observed": "1",
      "in_sync": true,
      "source": "/etc/mptcp-keeper/config.yaml:7"
    }
  },
  "limits": {
    "subflows": {
      "desired": 3,
      "observed": 2,
      "in_sync": false,
      "source": "/etc/mptcp-keeper/config.yaml:7"
    }
  },
  "endpoints": [
    {
      "address": "192.0.2.1",
      "port": null,
      "interface": "enp4s0",
      "flags": [
        "subflow"
      ],
      "id": 1,
      "owner": "network-manager",
      "desired": true,
      "in_sync": true
    },
    {
      "address": "198.51.100.1",
      "port": 4000,
      "interface": "enp1s0",
      "flags": [
        "signal"
      ],
      "id": 5,
      "owner": "keeper",
      "desired": true,
      "in_sync": true
    }
  ],
  "profiles": [
    {
      "uuid": "uuid-lan one",
      "name": "lan one",
      "desired": [
        "signal",
        "subflow"
      ],
      "stored": [
        "enabled",
        "subflow"
      ],
      "live": [
        "enabled",
        "subflow"
      ],
      "pending": "nmcli connection up 'lan one'",
      "in_sync": true,
      "active": true,
      "device": "enp4s0",
      "source": "/etc/mptcp-keeper/config.yaml:7"
    }
  ],
  "skipped": [
    {
      "uuid": "uuid-docker0",
      "name": "docker0",
      "reason": "connected (externally)"
    }
  ],
  "units": [],
  "program_hook": {
    "state": "detached",
    "reason": null,
    "scope": [],
    "excluded": []
  },
  "connections": {
    "mptcp": 2,
    "subflows": 3,
    "fallback": 1
  },
  "counters": {
    "MPJoinSynTx": 2
  },
  "config": {
    "version": 1,
    "hash": "sha256:0123456789abcdef",
    "loaded_hash": null,
    "files": [
      "/etc/mptcp-keeper/config.yaml"
    ]
  },
  "try": {
    "pending": false,
    "deadline": null,
    "file": null
  },
  "daemon": {
    "running": false,
    "mode": "enforce",
    "phase": null,
    "load_error": null,
    "repairs": 0,
    "last_repair": null,
    "history": [],
    "conflicts": []
  },
  "rivals": []
}
)doc");
}

TEST(StatusText, IsReadableWithoutColour) {
    EXPECT_EQ(
        status_text(status_of_host(), Colour::never),
        R"doc(✗ 2 items differ from the configuration; `mptcp-keeper diff` shows what apply would do

kernel          6.18.0, with MPTCP
NetworkManager  1.42.4
connections     2 MPTCP with 3 subflows, 1 fell back to TCP
configuration   0123456789ab from /etc/mptcp-keeper/config.yaml
daemon          not running, mode enforce

   sysctl          desired  observed  declared at
…  close_timeout   60       –         /etc/mptcp-keeper/config.yaml:7  this kernel has no such sysctl
✓  enabled         1        1         /etc/mptcp-keeper/config.yaml:7
·  scheduler       –        default
·  stale_loss_cnt  –        4                                          no longer declared, left at 4

   limit              desired  observed  declared at
·  add_addr_accepted  –        0
✗  subflows           3        2         /etc/mptcp-keeper/config.yaml:7

   endpoint           interface  flags    id  owner            declared at
✓  192.0.2.1          enp4s0     subflow  1   network-manager  /etc/mptcp-keeper/config.yaml:7
✓  198.51.100.1:4000  enp1s0     signal   5   keeper           /etc/mptcp-keeper/config.yaml:7
·  203.0.113.5        –          subflow  7   other
…  192.0.2.77         enp4s0     subflow  –   keeper           /etc/mptcp-keeper/config.yaml:7  missing: waits for the address

   profile  device  desired         stored           live             declared at
…  lan one  enp4s0  signal,subflow  enabled,subflow  enabled,subflow  /etc/mptcp-keeper/config.yaml:7  to complete the change: nmcli connection up 'lan one'
✗  spare    –       signal,subflow  enabled,subflow  –                /etc/mptcp-keeper/config.yaml:7

   skipped  reason
·  docker0  connected (externally)
)doc");
}

TEST(StatusText, ShowsCountersWithTheirMeaning) {
    Status status;
    status.counters = {{"MPCapableSYNTX", 12}, {"NewerThanUs", 3}};
    EXPECT_NE(
        status_text(status, Colour::never)
            .find("  counter         value  meaning\n"
                  "  MPCapableSYNTX  12     client: SYNs sent with MP_CAPABLE\n"
                  "  NewerThanUs     3\n"),
        std::string::npos)
        << status_text(status, Colour::never);
}

PublishedRepair published_repair(std::uint64_t number) {
    return {
        .number = number,
        .time = WallTime{std::chrono::seconds(1795176000)},
        .resource = Resource::limit,
        .key = "subflows",
        .name = "",
        .before = 8U,
        .after = 3U,
        .source = "a.yaml:4"};
}

TEST(StatusText, ShowsTheLatestRepairsFirst) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    Status status;
    EXPECT_EQ(status_text(status, Colour::never).find("repaired"), std::string::npos);
    for (std::uint64_t number = 1; number <= 9; ++number) {
        status.daemon.history.push_back(published_repair(number));
    }
    const std::string text = status_text(status, Colour::never);
    EXPECT_NE(
        text.find("  repaired        at                   found  restored  declared at\n"
                  "  limit subflows  2026-11-20T12:00:00  8      3         a.yaml:4\n"),
        std::string::npos)
        << text;
    std::size_t shown = 0;
    for (std::size_t at = 0; (at = text.find("limit subflows", at)) != std::string::npos; ++at) {
        ++shown;
    }
    EXPECT_EQ(shown, 5U);
}

TEST(StatusJson, HasTheHistoryAndTheLastRepair) {
    Status status;
    status.daemon.history = {published_repair(1), published_repair(2)};
    const auto daemon = nlohmann::json::parse(status_json(status)).at("daemon");
    EXPECT_EQ(daemon.at("last_repair").at("number"), 2);
    ASSERT_EQ(daemon.at("history").size(), 2U);
    EXPECT_EQ(daemon.at("history")[0].at("number"), 1);
    EXPECT_EQ(daemon.at("history")[0].at("before"), 8);
}

TEST(StatusText, ShowsWhyNetworkManagerIsNotAvailable) {
    ObservedState state = host();
    state.network_manager.reset();
    state.network_manager_error = "not on the bus";
    const Status status = make_status({}, state, {}, {}, {});
    const std::string text = status_text(status, Colour::never);
    EXPECT_NE(text.find("NetworkManager  not on the bus\n"), std::string::npos) << text;
}

} // namespace
} // namespace keeper
