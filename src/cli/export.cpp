#include "export/export.hpp"
#include "report/export_report.hpp"

#include <utility>

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "daemon/mechanism_reader.hpp"
#include "host_config/mptcpd_config.hpp"

namespace keeper::cli {

namespace {

std::vector<KeyfileProfile> keyfiles(HostPort& host) {
    std::vector<KeyfileProfile> result;
    for (const HostFile& file : host.profile_keyfiles()) {
        if (auto profile = parse_keyfile(file)) {
            result.push_back(std::move(*profile));
        }
    }
    return result;
}

/// What the files say: those that take effect later come behind the others.
void read_files(const std::vector<MechanismFile>& files, ExportFacts& facts) {
    HostSettings settings = settings_of(files, WithIdle::yes);
    facts.sysctl_lines = std::move(settings.sysctls);
    facts.limit_lines = std::move(settings.limits);
    facts.endpoint_lines = std::move(settings.endpoints);
    facts.computed_endpoint_lines = std::move(settings.computed_endpoints);
    facts.program_lines = program_lines(files);
}

/// The keeper's own configuration tells what is pinned; broken or not, the export goes on.
LoadedConfig own_config(const GlobalOptions& global, Environment& env) {
    LoadedConfig config = parse_config_files(global, env);
    if (!config.valid()) {
        env.console.warning(
            "the configuration is invalid and left out of the export; `mptcp-keeper check` says why");
    }
    return config;
}

/// Nothing for an unbooted tree. Where the keeper's record cannot be read, the host is still told.
std::optional<Observation> observe(const GlobalOptions& global, Environment& env) {
    if (!global.root.empty()) {
        return std::nullopt;
    }
    Observation observation = env.engine.observe_beside_any_record(Scope{});
    tell_warnings(observation.warnings, env);
    return observation;
}

/// Nothing for an unbooted tree, and where it does not run.
std::optional<RunningMptcpd> running_mptcpd(const GlobalOptions& global, HostPort& host) {
    const auto pid = global.root.empty() ? host.find_process("mptcpd") : std::nullopt;
    if (!pid) {
        return std::nullopt;
    }
    const auto config = host.text_file(mptcpd_config_file);
    return RunningMptcpd{.pid = *pid, .flags = mptcpd_endpoint_flags(config ? config->text : "")};
}

} // namespace

ExitCode run(const ExportOptions& options, const GlobalOptions& global, Environment& env) {
    if (const auto problem = problem_with_root(global)) {
        return give_up({ErrorKind::failed, *problem}, global, env);
    }
    const std::unique_ptr<HostPort> host = env.open_host(global.root);
    const std::vector<MechanismFile> files = read_mechanism_files(*host, global.root);
    const std::vector<Leftover> leftovers = recipe_leftovers(files, global.root);
    if (options.leftovers && !global.json) {
        env.console.print(leftovers_text(leftovers));
        return ExitCode::done;
    }
    const LoadedConfig config = own_config(global, env);
    const std::optional<Observation> observation = observe(global, env);
    ExportFacts facts;
    if (observation) {
        facts.observed = &observation->state;
        facts.ownership = observation->ownership;
        if (!observation->state.network_manager) {
            env.console.warning(
                observation->state.network_manager_error +
                "; its profiles are told from their files, as comments");
        }
    }
    facts.declared = config.valid() ? &config.desired : nullptr;
    read_files(files, facts);
    facts.keyfiles = keyfiles(*host);
    facts.network_manager_devices = host->network_manager_devices();
    facts.mptcpd = running_mptcpd(global, *host);
    const std::string yaml = export_yaml(facts);
    env.console.print(global.json ? export_json(yaml, leftovers) : yaml);
    return ExitCode::done;
}

} // namespace keeper::cli
