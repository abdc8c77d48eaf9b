#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/facts.hpp"
#include "ports/diagnosis_port.hpp"

/// Doctor's looks at the host, one a theme. Each fills its part of the facts, or says in facts.skipped why
/// it could not.
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
void files(const std::string& asked_unit, Facts& facts);
void apparmor(Facts& facts);
void rulesets(Facts& facts);
void mptcpd(Facts& facts);
void selinux(Facts& facts);
/// An Error where the process that was asked for does not exist.
[[nodiscard]] Result<void> programs(const DiagnosisRequest& request, Facts& facts);
/// Where there is no connection, facts.probe says why. Takes some 20 seconds at most.
void probe(const std::string& target, Facts& facts);

} // namespace keeper::gather
