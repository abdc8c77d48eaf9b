#include "report/export.hpp"

#include <iterator>
#include <utility>

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "config/config_files.hpp"

namespace keeper::cli {

namespace {

RecipeFiles recipe_files(HostPort& host, const std::string& root) {
    RecipeFiles files{
        host.sysctl_files(), host.own_service_units(), host.hook_scripts(), host.systemtap_scripts(), root};
    for (HostFile& unit : host.package_service_units()) {
        files.units.push_back(std::move(unit));
    }
    return files;
}

std::vector<KeyfileProfile> keyfiles(HostPort& host) {
    std::vector<KeyfileProfile> result;
    for (const HostFile& file : host.profile_keyfiles()) {
        if (auto profile = parse_keyfile(file)) {
            result.push_back(std::move(*profile));
        }
    }
    return result;
}

template <class T>
std::vector<T> both(std::vector<T> first, std::vector<T> second) {
    std::move(second.begin(), second.end(), std::back_inserter(first));
    return first;
}

/// What the files say; what systemd-sysctl sets comes before what units and scripts set later.
void read_files(const RecipeFiles& files, ExportFacts& facts) {
    const std::vector<HostFile> callers = both(files.units, files.hooks);
    facts.sysctl_lines = both(sysctl_lines(files.sysctls), sysctl_calls(callers));
    facts.limit_lines = both(limit_lines(files.units), limit_lines_of_scripts(files.hooks));
    facts.endpoint_lines = endpoint_lines(callers);
    facts.computed_endpoint_lines = computed_endpoint_lines(callers);
    facts.program_lines = program_lines(files.units);
}

/// The keeper's own configuration tells what is pinned; broken or not, the export goes on.
LoadedConfig own_config(const GlobalOptions& global, Environment& env) {
    LoadedConfig config = load_config(
        global.config ? std::vector<std::string>{*global.config} : config_search_path(global.root),
        global.root);
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

} // namespace

ExitCode run(const ExportOptions& options, const GlobalOptions& global, Environment& env) {
    if (const auto problem = problem_with_root(global)) {
        return give_up({ErrorKind::failed, *problem}, global, env);
    }
    const std::unique_ptr<HostPort> host = env.open_host(global.root);
    const RecipeFiles files = recipe_files(*host, global.root);
    const std::vector<Leftover> leftovers = recipe_leftovers(files);
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
    const std::string yaml = export_yaml(facts);
    env.console.print(global.json ? export_json(yaml, leftovers) : yaml);
    return ExitCode::done;
}

} // namespace keeper::cli
