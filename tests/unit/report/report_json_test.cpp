// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "plan/plan_warnings.hpp"
#include "report/report_json.hpp"
#include "support/report_fixture.hpp"

namespace keeper {
namespace {

TEST(DiffJson, ListsWhatIsNotInSyncAndWarnsAboutTheRest) {
    EXPECT_EQ(diff_json(report_fixture::plan()), R"({
  "in_sync": false,
  "changes": [
    {
      "resource": "sysctl",
      "key": "net.mptcp.enabled",
      "before": "0",
      "after": "1",
      "source": "/etc/mptcp-keeper/config.yaml:3",
      "impact": "none",
      "connections_affected": 0
    },
    {
      "resource": "limit",
      "key": "subflows",
      "before": 2,
      "after": 9,
      "source": "/etc/mptcp-keeper/config.yaml:6",
      "impact": "none",
      "connections_affected": 0
    },
    {
      "resource": "endpoint",
      "key": "198.51.100.1:4000",
      "before": null,
      "after": {
        "interface": "enp1s0",
        "flags": [
          "signal"
        ],
        "id": 5
      },
      "source": "/etc/mptcp-keeper/config.yaml:9",
      "impact": "none",
      "connections_affected": 0
    },
    {
      "resource": "endpoint",
      "key": "2001:db8::1",
      "before": {
        "interface": null,
        "flags": [
          "subflow",
          "backup"
        ],
        "id": null
      },
      "after": null,
      "source": "/etc/mptcp-keeper/config.yaml:10",
      "impact": "connections-may-close",
      "connections_affected": 1
    },
    {
      "resource": "profile",
      "key": "9a1c3d3e-0000-4000-8000-000000000001",
      "name": "wan küche",
      "before": [
        "default"
      ],
      "after": [
        "signal",
        "subflow"
      ],
      "source": "/etc/mptcp-keeper/conf.d/10-wan.yaml:2",
      "impact": "subflows-rebuilt",
      "connections_affected": 3
    }
  ],
  "warnings": [
    "a warning of the plan",
    "limit subflows: the kernel takes 8 at most",
    "endpoint 192.0.2.9: waits until enp7s0 has the address"
  ]
}
)");
}

TEST(DiffJson, OfAnEmptyPlanIsInSync) {
    EXPECT_EQ(diff_json(Plan{}), "{\n  \"in_sync\": true,\n  \"changes\": [],\n  \"warnings\": []\n}\n");
}

TEST(DiffJson, ReplacesInvalidUtf8InAName) {
    Plan plan;
    plan.changes = {report_fixture::profile_change()};
    plan.changes[0].name = "\xff";
    EXPECT_NE(diff_json(plan).find("\"name\": \"\uFFFD\""), std::string::npos);
}

TEST(ApplyJson, HasTheResultOfEachChange) {
    ApplyReport report = report_fixture::apply_report();
    report.changes.resize(2);
    EXPECT_EQ(apply_json(report), R"({
  "changed": true,
  "failed": true,
  "verified": false,
  "dry_run": false,
  "changes": [
    {
      "resource": "sysctl",
      "key": "net.mptcp.enabled",
      "before": "0",
      "after": "1",
      "source": "/etc/mptcp-keeper/config.yaml:3",
      "impact": "none",
      "connections_affected": 0,
      "result": "applied",
      "error": null
    },
    {
      "resource": "limit",
      "key": "subflows",
      "before": 2,
      "after": 9,
      "source": "/etc/mptcp-keeper/config.yaml:6",
      "impact": "none",
      "connections_affected": 0,
      "result": "failed",
      "error": "the kernel takes 8 at most"
    }
  ],
  "warnings": [
    "a warning of the apply"
  ]
}
)");
}

TEST(ApplyJson, WarnsAboutDeferredItems) {
    ApplyReport report;
    report.changes = {{report_fixture::deferred_endpoint(), Outcome::deferred, "no interface has it"}};
    EXPECT_EQ(
        warnings_of(report),
        std::vector<std::string>{title_of(report.changes[0].change) + ": no interface has it"});
    EXPECT_NE(apply_json(report).find(": no interface has it\"\n  ]"), std::string::npos);
    EXPECT_TRUE(failures_of(report).empty());
}

TEST(DryRunJson, HasNoResultForWhatWouldBeTried) {
    Plan plan = report_fixture::plan();
    plan.changes = {report_fixture::sysctl_change(), report_fixture::deferred_endpoint()};
    plan.warnings.clear();
    EXPECT_EQ(dry_run_json(plan), R"({
  "changed": false,
  "failed": false,
  "verified": false,
  "dry_run": true,
  "changes": [
    {
      "resource": "sysctl",
      "key": "net.mptcp.enabled",
      "before": "0",
      "after": "1",
      "source": "/etc/mptcp-keeper/config.yaml:3",
      "impact": "none",
      "connections_affected": 0,
      "result": null,
      "error": null
    },
    {
      "resource": "endpoint",
      "key": "192.0.2.9",
      "before": null,
      "after": {
        "interface": "enp7s0",
        "flags": [
          "subflow"
        ],
        "id": null
      },
      "source": "/etc/mptcp-keeper/config.yaml:12",
      "impact": "none",
      "connections_affected": 0,
      "result": "deferred",
      "error": null
    }
  ],
  "warnings": [
    "endpoint 192.0.2.9: waits until enp7s0 has the address"
  ]
}
)");
}

TEST(CheckJson, HasThePositionsOfErrorsAndWarnings) {
    LoadedConfig config;
    config.errors = {{{"a.yaml", 2, 3}, "unknown key", "  x: 1"}};
    config.warnings = {{{"b.yaml", 1, 1}, "declares nothing", ""}};
    EXPECT_EQ(check_json(config), R"({
  "valid": false,
  "errors": [
    {
      "file": "a.yaml",
      "line": 2,
      "column": 3,
      "message": "unknown key"
    }
  ],
  "warnings": [
    {
      "file": "b.yaml",
      "line": 1,
      "column": 1,
      "message": "declares nothing"
    }
  ],
  "config": null
}
)");
}

TEST(CheckJson, HasTheHashOfAValidConfiguration) {
    LoadedConfig config;
    config.hash = "sha256:01";
    config.files = {"a.yaml", "b.yaml"};
    EXPECT_EQ(check_json(config), R"({
  "valid": true,
  "errors": [],
  "warnings": [],
  "config": {
    "version": 1,
    "hash": "sha256:01",
    "loaded_hash": null,
    "files": [
      "a.yaml",
      "b.yaml"
    ]
  }
}
)");
}

TEST(ErrorJson, ContainsTheMessage) {
    EXPECT_EQ(error_json("not permitted"), "{\n  \"error\": {\n    \"message\": \"not permitted\"\n  }\n}\n");
}

} // namespace
} // namespace keeper
