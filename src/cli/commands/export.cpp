// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/export.hpp"
#include "report/export_report.hpp"

#include <utility>

#include <CLI/CLI.hpp>

#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/outcome.hpp"
#include "daemon/mechanism_reader.hpp"
#include "host_config/mptcpd_config.hpp"

namespace keeper::cli {

namespace {

struct ExportArguments {
    bool leftovers = false;
};

std::vector<KeyfileProfile> read_keyfiles(HostPort& host) {
    std::vector<KeyfileProfile> result;
    for (const HostFile& file : host.profile_keyfiles()) {
        if (auto profile = parse_keyfile(file)) {
            result.push_back(std::move(*profile));
        }
    }
    return result;
}

/// What the files set, in the order in which it takes effect.
void add_settings(const std::vector<MechanismFile>& files, ExportFacts& facts) {
    HostSettings settings = settings_of(files, WithIdle::yes);
    facts.sysctl_lines = std::move(settings.sysctls);
    facts.limit_lines = std::move(settings.limits);
    facts.endpoint_lines = std::move(settings.endpoints);
    facts.computed_endpoint_lines = std::move(settings.computed_endpoints);
    facts.program_lines = program_lines(files);
}

/// mptcp-keeper's own configuration, which pins endpoint ids. An invalid one does not stop the export.
LoadedConfig read_own_config(const GlobalOptions& global, Environment& env) {
    LoadedConfig config = read_config_silently(global, env);
    if (!config.valid()) {
        env.console.warning(
            "the configuration is invalid and left out of the export; `mptcp-keeper check` shows why");
    }
    return config;
}

/// std::nullopt for an unbooted tree. If the keeper's record cannot be read, the host is exported without
/// it.
std::optional<Observation> observe_host(const GlobalOptions& global, Environment& env) {
    if (!global.root.empty()) {
        return std::nullopt;
    }
    // The plan that checks the export may show how connections are affected.
    Observation observation =
        env.engine.observe_best_effort(Scope{}, {.connections = Look::Connections::always});
    show_warnings(observation.warnings, env);
    return observation;
}

/// std::nullopt for an unbooted tree, and if it does not run.
std::optional<RunningMptcpd> running_mptcpd(const GlobalOptions& global, HostPort& host) {
    const auto pid = global.root.empty() ? host.find_process("mptcpd") : std::nullopt;
    if (!pid) {
        return std::nullopt;
    }
    const auto config = host.text_file(mptcpd_config_file);
    return RunningMptcpd{.pid = *pid, .flags = mptcpd_endpoint_flags(config ? config->text : "")};
}

ExitCode export_host(const ExportArguments& arguments, const GlobalOptions& global, Environment& env) {
    if (const auto problem = problem_with_root(global)) {
        return give_up({ErrorKind::failed, *problem}, global, env);
    }
    const std::unique_ptr<HostPort> host = env.open_host(global.root);
    const std::vector<MechanismFile> files = read_mechanism_files(*host, global.root);
    const std::vector<Leftover> leftovers = find_leftovers(files, global.root);
    if (arguments.leftovers && !global.json) {
        env.console.print(leftovers_text(leftovers));
        return ExitCode::done;
    }
    const LoadedConfig config = read_own_config(global, env);
    const std::optional<Observation> observation = observe_host(global, env);
    ExportFacts facts;
    if (observation) {
        facts.observed = &observation->state;
        facts.ownership = observation->ownership;
        if (!observation->state.network_manager) {
            env.console.warning(
                observation->state.network_manager_error +
                "; its profiles are read from their files and exported as comments");
        }
    }
    facts.declared = config.valid() ? &config.desired : nullptr;
    add_settings(files, facts);
    facts.keyfiles = read_keyfiles(*host);
    facts.network_manager_devices = host->network_manager_devices();
    facts.mptcpd = running_mptcpd(global, *host);
    const std::string yaml = export_yaml(facts);
    env.console.print(global.json ? export_json(yaml, leftovers) : yaml);
    return ExitCode::done;
}

} // namespace

Command make_export(CLI::App& program) {
    const auto arguments = std::make_shared<ExportArguments>();
    Command command(
        program,
        {.name = "export", .summary = "print this host's MPTCP settings as a configuration", .details = R"(
Prints all settings that a file sets or that differ from the defaults of the
kernel and NetworkManager, each with the place where it was found. Applied on
this host, the output changes nothing: what apply would change, what only a file
sets, and what NetworkManager may have made while it is not running become
comments that give the reason. Units whose programs run under mptcpize or with
libmptcpwrap preloaded are listed under applications; apply has systemd generate
drop-ins for these and restarts nothing. An invalid configuration does not stop
the export. With --root, the files of an unbooted tree are read, and the
commands of --leftovers change nothing outside of it.

Exit codes: 0 done, 1 failed.

Examples:
  mptcp-keeper export > host.yaml  for /etc/mptcp-keeper/config.yaml or a fleet
  mptcp-keeper export --leftovers  what to remove after that, and how
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return export_host(*arguments, global, env);
        });
    command.accepts_root = true;
    command.app->add_flag(
        "--leftovers", arguments->leftovers, "print instead the files that mptcp-keeper replaces");
    return command;
}

} // namespace keeper::cli
