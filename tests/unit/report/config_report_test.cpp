// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sstream>

#include <gtest/gtest.h>

#include "report/config_report.hpp"
#include "report/diagnostic_text.hpp"

namespace keeper {
namespace {

LoadedConfig sample_config() {
    LoadedConfig config;
    config.files = {"a.yaml", "b.yaml"};
    DesiredState& desired = config.desired;
    desired.sysctls = {{"enabled", {"1", {"a.yaml", 2, 3}}}, {"scheduler", {"default", {"b.yaml", 1, 1}}}};
    desired.subflows = Declared<std::uint32_t>{3, {"a.yaml", 5, 3}};
    ProfileRule rule;
    rule.match.names = {"wan*", "Büro \"1\""};
    rule.except = ProfileMatch{};
    rule.except->types = {"802-11-wireless"};
    rule.flags = MptcpFlags{MptcpFlag::signal};
    rule.source = {"a.yaml", 7, 5};
    desired.profiles = {rule};
    desired.profiles.push_back({});
    desired.profiles[1].match.interfaces = {"enp1s0"};
    desired.profiles[1].source = {"b.yaml", 4, 1};
    desired.endpoints[parse_socket_address("[2001:db8::1]:4000").value()] = {
        {"enp1s0"}, {EndpointFlag::signal}, {{5}}, false, {"a.yaml", 12, 5}};
    desired.endpoints[parse_socket_address("192.0.2.9").value()] = {{}, {}, {}, true, {"a.yaml", 13, 5}};
    desired.units = {{"iperf3.service", {"a.yaml", 15, 3}}};
    desired.never = {{"bird*.service", {"a.yaml", 16, 3}}};
    desired.all_programs = {false, {"a.yaml", 17, 3}};
    desired.slices = {{"user.slice", {"a.yaml", 18, 3}}};
    desired.metrics.textfile = {"/run/a b.prom", {"b.yaml", 11, 3}};
    desired.metrics.counters = Declared<bool>{true, {"b.yaml", 12, 3}};
    desired.reconcile.interval = {std::chrono::milliseconds(1500), {"b.yaml", 9, 3}};
    return config;
}

/// The document without its sources and file names.
std::string without_sources(const std::string& document) {
    std::istringstream lines(document);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("\"source\"") == std::string::npos && line.find(".yaml\"") == std::string::npos) {
            result += line + "\n";
        }
    }
    return result;
}

TEST(ConfigText, IsYamlWithTheSourceOfEveryValue) {
    EXPECT_EQ(config_text(sample_config(), Colour::never), R"doc(sysctl:
  enabled: 1                               # a.yaml:2
  scheduler: default                       # b.yaml:1
limits:
  subflows: 3                              # a.yaml:5
profiles:
  - match: {name: ["wan*", "Büro \"1\""]}  # a.yaml:7
    except: {type: [802-11-wireless]}      # a.yaml:7
    mptcp-flags: [signal]                  # a.yaml:7
    activation: auto                       # a.yaml:7
  - match: {interface: [enp1s0]}           # b.yaml:4
    mptcp-flags: null                      # b.yaml:4
    activation: auto                       # b.yaml:4
endpoints:
  - {address: 192.0.2.9, state: absent}    # a.yaml:13
  - {address: "2001:db8::1", port: 4000, interface: enp1s0, flags: [signal], id: 5}  # a.yaml:12
applications:
  units:
    - iperf3.service                       # a.yaml:15
  never:
    - "bird*.service"                      # a.yaml:16
  all: false                               # a.yaml:17
  slices:
    - user.slice                           # a.yaml:18
metrics:
  textfile: "/run/a b.prom"                # b.yaml:11
  counters: true                           # b.yaml:12
reconcile:
  mode: enforce                            # default
  interval: 1500ms                         # b.yaml:9
)doc");
}

TEST(ConfigJson, HasTheSourceOfEveryValue) {
    EXPECT_EQ(config_json(sample_config()), R"doc({
  "files": [
    "a.yaml",
    "b.yaml"
  ],
  "sysctl": {
    "enabled": {
      "value": "1",
      "source": "a.yaml:2"
    },
    "scheduler": {
      "value": "default",
      "source": "b.yaml:1"
    }
  },
  "limits": {
    "subflows": {
      "value": 3,
      "source": "a.yaml:5"
    }
  },
  "profiles": [
    {
      "match": {
        "name": [
          "wan*",
          "Büro \"1\""
        ]
      },
      "except": {
        "type": [
          "802-11-wireless"
        ]
      },
      "mptcp_flags": [
        "signal"
      ],
      "activation": "auto",
      "source": "a.yaml:7"
    },
    {
      "match": {
        "interface": [
          "enp1s0"
        ]
      },
      "except": null,
      "mptcp_flags": null,
      "activation": "auto",
      "source": "b.yaml:4"
    }
  ],
  "endpoints": [
    {
      "address": "192.0.2.9",
      "port": null,
      "interface": null,
      "flags": [],
      "id": null,
      "state": "absent",
      "source": "a.yaml:13"
    },
    {
      "address": "2001:db8::1",
      "port": 4000,
      "interface": "enp1s0",
      "flags": [
        "signal"
      ],
      "id": 5,
      "state": "present",
      "source": "a.yaml:12"
    }
  ],
  "applications": {
    "units": [
      {
        "unit": "iperf3.service",
        "source": "a.yaml:15"
      }
    ],
    "never": [
      {
        "unit": "bird*.service",
        "source": "a.yaml:16"
      }
    ],
    "all": {
      "value": false,
      "source": "a.yaml:17"
    },
    "slices": [
      {
        "slice": "user.slice",
        "source": "a.yaml:18"
      }
    ]
  },
  "metrics": {
    "textfile": {
      "value": "/run/a b.prom",
      "source": "b.yaml:11"
    },
    "counters": {
      "value": true,
      "source": "b.yaml:12"
    }
  },
  "reconcile": {
    "mode": {
      "value": "enforce",
      "source": null
    },
    "interval_ms": {
      "value": 1500,
      "source": "b.yaml:9"
    }
  }
}
)doc");
}

TEST(ConfigText, ParsesToTheSameConfiguration) {
    const LoadedConfig again = parse_config({{"again.yaml", config_text(sample_config(), Colour::never)}});
    EXPECT_EQ(errors_text(again.errors, Colour::never), "");
    EXPECT_EQ(without_sources(config_json(again)), without_sources(config_json(sample_config())));
}

TEST(ConfigText, QuotesWhatYamlWouldMisread) {
    LoadedConfig config;
    config.desired.units = {
        {"*", {}},
        {"a\nb", {}},
        {"a: b", {}},
        {"x#y", {}},
        {"plain-1.service", {}},
        {"1e5", {}},
        {"Off", {}}};
    const std::string text = config_text(config, Colour::never);
    for (const char* line :
         {"- \"*\"\n",
          "- \"a\\x0ab\"\n",
          "- \"a: b\"\n",
          "- \"x#y\"\n",
          "- plain-1.service\n",
          "- \"1e5\"\n",
          "- \"Off\"\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

} // namespace
} // namespace keeper
