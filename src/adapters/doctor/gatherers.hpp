// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/facts.hpp"
#include "ports/diagnosis_port.hpp"

/// Gathers the facts about the host, one function per topic. Each fills in its part, or adds the reason why
/// it could not to facts.skipped.
namespace keeper::gather {

void rp_filters(Facts& facts);
void subnets(Facts& facts);
void routes(Facts& facts);
void peer_routes(Facts& facts);
void off_link(Facts& facts);
void tcp_timestamps(Facts& facts);
void link_drivers(Facts& facts);
void subflow_sides(Facts& facts);
void listeners(Facts& facts);
/// `root` is "" on a running system, or a folder with files of another one.
void files(const std::string& requested_unit, Facts& facts, const std::string& root = "");
void apparmor(Facts& facts);
void rulesets(Facts& facts);
void mptcpd(Facts& facts);
void selinux(Facts& facts);
void network_manager_sandbox(Facts& facts);
/// Fails if the requested process or unit does not exist.
[[nodiscard]] Result<void> programs(const DiagnosisRequest& request, Facts& facts);
/// If the connection fails, facts.probe has the reason. Takes at most about 20 seconds.
void probe(const std::string& target, Facts& facts);

} // namespace keeper::gather
