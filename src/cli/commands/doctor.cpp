// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/doctor.hpp"

#include <CLI/CLI.hpp>

#include "cli/choices.hpp"
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/option_value.hpp"
#include "cli/outcome.hpp"
#include "daemon/mechanism_reader.hpp"
#include "doctor/explanation.hpp"
#include "model/mptcp_counters.hpp"
#include "model/probe_target.hpp"
#include "report/doctor_report.hpp"

namespace keeper::cli {

namespace {

struct DoctorArguments {
    DiagnosisRequest request;
    std::string code; ///< to be explained; empty: diagnose
};

/// Adds the declaration, or the reason why the checks that need it are skipped.
void add_declaration(const GlobalOptions& global, Environment& env, Facts& facts) {
    LoadedConfig config = read_config(global, env);
    if (config.valid()) {
        facts.desired = std::move(config.desired);
        return;
    }
    facts.skipped.push_back(
        {"configuration", "the configuration is invalid: " + located(config.errors.front())});
}

void add_counters(Environment& env, Facts& facts) {
    const auto netstat = env.open_host("")->netstat();
    if (netstat) {
        facts.counters = parse_mptcp_counters(*netstat);
    }
    if (facts.counters.empty()) {
        facts.skipped.push_back(
            {"MPTcpExt counters", netstat ? "this kernel has none" : netstat.error().message});
    } else if (non_zero(facts.counters).empty()) {
        facts.skipped.push_back({"MPTcpExt counters", "no MPTCP traffic yet: all of them are 0"});
    }
}

void add_skipped_observations(const Observation& observation, Facts& facts) {
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

ExitCode diagnose_host(const DiagnosisRequest& request, const GlobalOptions& global, Environment& env) {
    Facts facts;
    add_declaration(global, env, facts);
    Observation observation =
        env.engine.observe_best_effort(Scope{}, {.connections = Look::Connections::always});
    add_skipped_observations(observation, facts);
    facts.host = std::move(observation.state);
    facts.kernel = observation.ownership.kernel;
    add_counters(env, facts);
    facts.mechanism_files = read_mechanism_files(*env.open_host(""), "");
    if (const auto done = env.diagnosis.gather(request, facts); !done) {
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

Result<std::string> parse_target(const std::string& text) {
    if (!parse_probe_target(text)) {
        return fail(quoted_name(text) + " is not HOST:PORT; write an IPv6 address as [2001:db8::1]:443");
    }
    return text;
}

Result<std::string> parse_code(const std::string& text) {
    if (!explanation_text(text)) {
        return fail(unknown_word("code", text, explained_codes()));
    }
    return text;
}

ExitCode explain(const std::string& code, const GlobalOptions& global, Environment& env) {
    const std::string text = explanation_text(code).value_or("");
    env.console.print(global.json ? explanation_json(code, text) : text + (text.ends_with('\n') ? "" : "\n"));
    return ExitCode::done;
}

void add_options(CLI::App& app, const std::shared_ptr<DoctorArguments>& arguments) {
    app.add_option("--pid", arguments->request.pid, "also examine this process")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{4194304}));
    app.add_option("--unit", arguments->request.unit, "also examine the processes of this systemd unit")
        ->type_name("UNIT");
    app.add_option_function<std::string>(
           "--probe",
           [arguments](const std::string& text) {
               arguments->request.target = valid_value("--probe", parse_target(text));
           },
           "open a connection to this port and find out where MPTCP is lost")
        ->type_name("HOST:PORT");
    app.add_option_function<std::string>(
           "--explain",
           [arguments](const std::string& text) {
               arguments->code = valid_value("--explain", parse_code(text));
           },
           "explain the code of a finding, and examine nothing")
        ->type_name("CODE");
}

} // namespace

Command make_doctor(CLI::App& program) {
    const auto arguments = std::make_shared<DoctorArguments>();
    Command command(
        program,
        {.name = "doctor", .summary = "find out why connections are not MPTCP, and what to do", .details = R"(
Changes nothing. A check that is impossible here is listed as skipped, with the
reason; the configuration may be invalid. --probe opens one MPTCP connection,
sends one byte (a line feed) and reports whether this host, the path or the peer
loses MPTCP; if the connection is refused, it tries plain TCP as well. --pid and
--unit also report the sockets of these programs, and whether libmptcpwrap can
be preloaded into them.

Exit codes: 0 healthy, 2 a warning or an error was found, 1 failed.

Examples:
  mptcp-keeper doctor
  mptcp-keeper doctor --unit iperf3.service
  mptcp-keeper doctor --probe server.example:5201
  mptcp-keeper doctor --explain RP_FILTER_STRICT
  mptcp-keeper doctor --json | jq -r '.findings[] | [.code, .subject] | @tsv'
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return arguments->code.empty() ? diagnose_host(arguments->request, global, env)
                                           : explain(arguments->code, global, env);
        });
    command.choices = {{"--explain", explained_codes()}};
    add_options(*command.app, arguments);
    return command;
}

} // namespace keeper::cli
