#include "doctor/doctor.hpp"

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "daemon/mechanism_reader.hpp"
#include "model/mptcp_counters.hpp"
#include "report/diagnostic_text.hpp"
#include "report/doctor_report.hpp"

namespace keeper::cli {

namespace {

/// The declaration, where there is a valid one. doctor works beside a broken one, and says so.
void read_declaration(const GlobalOptions& global, Environment& env, Facts& facts) {
    LoadedConfig config = read_config(global, env);
    if (config.valid()) {
        facts.desired = std::move(config.desired);
        return;
    }
    const Diagnostic& first = config.errors.front();
    facts.skipped.push_back(
        {"what is declared",
         "the configuration is invalid: " + first.source.file + ":" + std::to_string(first.source.line) +
             ":" + std::to_string(first.source.column) + ": " + first.message});
}

void read_counters(Environment& env, Facts& facts) {
    const auto netstat = env.open_host("")->netstat();
    if (netstat) {
        facts.counters = parse_mptcp_counters(*netstat);
    }
    if (facts.counters.empty()) {
        facts.skipped.push_back(
            {"MPTcpExt counters", netstat ? "this kernel counts none" : netstat.error().message});
    } else if (non_zero(facts.counters).empty()) {
        facts.skipped.push_back({"MPTcpExt counters", "no MPTCP traffic yet: all of them are 0"});
    }
}

void tell_what_is_missing(const Observation& observation, Facts& facts) {
    for (const std::string& warning : observation.warnings) {
        facts.skipped.push_back({"observed state", warning});
    }
    const ObservedState& host = observation.state;
    if (!host.network_manager) {
        facts.skipped.push_back(
            {"NetworkManager's profiles",
             host.network_manager_error.empty() ? "NetworkManager is not running"
                                                : host.network_manager_error});
    }
    if (host.mptcp_supported && !host.limits) {
        facts.skipped.push_back({"limits", "the path manager's limits cannot be read"});
    }
    if (host.mptcp_supported && !host.endpoints) {
        facts.skipped.push_back({"endpoints", "the path manager's endpoints cannot be read"});
    }
}

} // namespace

ExitCode run(const DoctorOptions& options, const GlobalOptions& global, Environment& env) {
    Facts facts;
    read_declaration(global, env, facts);
    Observation observation = env.engine.observe_beside_any_record(Scope{});
    tell_what_is_missing(observation, facts);
    facts.host = std::move(observation.state);
    facts.kernel = observation.ownership.kernel;
    read_counters(env, facts);
    facts.mechanism_files = read_mechanism_files(*env.open_host(""), "");
    if (const auto done =
            env.diagnosis.gather({options.pid, options.unit, options.target.value_or("")}, facts);
        !done) {
        return give_up(done.error(), global, env);
    }
    if (facts.probe) {
        facts.probe->counters = growth(
            parse_mptcp_counters(facts.probe->netstat_before),
            parse_mptcp_counters(facts.probe->netstat_after));
    }
    const Diagnosis diagnosis = diagnose(facts);
    env.console.print(
        global.json ? doctor_json(diagnosis) : doctor_text(diagnosis, env.console.out_colour()));
    return diagnosis.healthy() ? ExitCode::done : ExitCode::differs;
}

} // namespace keeper::cli
