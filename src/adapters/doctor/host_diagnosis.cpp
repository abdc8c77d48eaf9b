// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/doctor/host_diagnosis.hpp"

#include "adapters/doctor/gatherers.hpp"

namespace keeper {

Result<void> HostDiagnosis::gather(const DiagnosisRequest& request, Facts& facts) {
    facts.requested_unit = request.unit;
    gather::rp_filters(facts);
    gather::subnets(facts);
    gather::routes(facts);
    gather::peer_routes(facts);
    gather::off_link(facts);
    gather::tcp_timestamps(facts);
    gather::link_drivers(facts);
    gather::subflow_sides(facts);
    gather::listeners(facts);
    gather::files(request.unit, facts);
    gather::apparmor(facts);
    gather::rulesets(facts);
    gather::mptcpd(facts);
    gather::selinux(facts);
    gather::network_manager_sandbox(facts);
    if (auto done = gather::programs(request, facts); !done) {
        return done;
    }
    if (!request.target.empty()) {
        gather::probe(request.target, facts);
    }
    return {};
}

} // namespace keeper
