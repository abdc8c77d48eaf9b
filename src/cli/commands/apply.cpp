// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <iterator>
#include <set>

#include <CLI/CLI.hpp>

#include "cli/change_permission.hpp"
#include "cli/choices.hpp"
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/option_value.hpp"
#include "cli/outcome.hpp"
#include "cli/preview.hpp"
#include "engine/hand_over.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

struct ApplyArguments {
    std::set<Section> only; ///< empty: everything
    bool boot = false;
    bool dry_run = false;
    bool atomic = false;
    bool strict = false;
    bool restart_units = false; ///< those that do not use MPTCP until they are restarted
    bool detailed_exitcodes = false;
    bool on_event = false; ///< run by mptcp-keeper-apply.service, not by a person
};

constexpr std::array<Choice<Section>, 5> kinds{{
    {"sysctl", Section::sysctl},
    {"limits", Section::limits},
    {"endpoints", Section::endpoints},
    {"profiles", Section::profiles},
    {"applications", Section::units},
}};

bool is_applied_at_boot(Section section) {
    return section == Section::sysctl || section == Section::limits || section == Section::endpoints;
}

/// Throws if the options contradict each other.
void check_combination(const ApplyArguments& arguments) {
    const auto& only = arguments.only;
    if (arguments.boot && !only.empty() && std::none_of(only.begin(), only.end(), is_applied_at_boot)) {
        throw CLI::ValidationError(
            "--boot applies sysctl, limits and endpoints, and --only excludes them all");
    }
    const bool excludes_units = arguments.boot || (!only.empty() && only.count(Section::units) == 0);
    if (arguments.restart_units && excludes_units) {
        throw CLI::ValidationError("--restart-units requires applications, which --boot or --only excludes");
    }
}

Scope scope_of(const ApplyArguments& arguments, const GlobalOptions& global) {
    Scope scope;
    scope.restart_units = arguments.restart_units;
    scope.is_candidate = global.config.has_value();
    if (arguments.boot) {
        scope.boot = true;
        scope.sections = {Section::sysctl, Section::limits, Section::endpoints, Section::program_hook};
    }
    if (arguments.only.empty()) {
        return scope;
    }
    std::set<Section> only = arguments.only;
    if (only.count(Section::units) != 0) {
        only.insert(Section::program_hook);
    }
    std::erase_if(scope.sections, [&](Section section) { return only.count(section) == 0; });
    return scope;
}

ExitCode dry_run(
    const LoadedConfig& config,
    const ApplyArguments& arguments,
    const GlobalOptions& global,
    Environment& env) {
    const Result<Plan> plan = preview(config, scope_of(arguments, global), global, env);
    if (!plan) {
        return give_up(plan.error(), global, env);
    }
    env.console.print(global.json ? dry_run_json(*plan) : plan_text(*plan, env.console.out_colour()));
    const bool is_refused =
        arguments.strict && std::any_of(plan->changes.begin(), plan->changes.end(), [](const Change& change) {
            return change.actionability == Actionability::unsupported;
        });
    return is_refused && plan->in_sync() ? ExitCode::differs : verdict(*plan);
}

ExitCode exit_code_of(const ApplyReport& report, const ApplyArguments& arguments) {
    if (report.failed || !report.verified) {
        return ExitCode::failed;
    }
    return arguments.detailed_exitcodes && report.changed ? ExitCode::differs : ExitCode::done;
}

/// Why an apply that nobody has asked for leaves the host alone; std::nullopt if it does not.
std::optional<std::string> why_not_on_event(const LoadedConfig& config, Environment& env) {
    if (env.tries.shown()) {
        return "a try is pending";
    }
    if (env.tries.rejected() == config.fingerprint) {
        return "the files on disk were tried and taken back; run `mptcp-keeper apply` to apply them";
    }
    return std::nullopt;
}

ExitCode apply(const ApplyArguments& arguments, const GlobalOptions& global, Environment& env) {
    // Refuses invalid files at once, without waiting for the lock; what is applied is read under the lock.
    LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    if (arguments.on_event) {
        if (const auto reason = why_not_on_event(config, env)) {
            env.console.warning("nothing is applied: " + *reason);
            return ExitCode::done;
        }
    }
    if (arguments.dry_run) {
        return dry_run(config, arguments, global, env);
    }
    DeclaredApply declared_apply({
        .engine = env.engine,
        .mark = env.mark,
        .daemon = env.daemon,
        .tries = env.tries,
        .clock = env.ports.clock,
        .lock = [&] { return lock_for_change(env); },
        .read = [&]() -> std::optional<Declaration> {
            config = read_config_again(std::move(config), global, env);
            return config.valid() ? std::optional(Declaration{config.desired, config.fingerprint})
                                  : std::nullopt;
        },
    });
    const ApplyOptions options{
        .scope = scope_of(arguments, global),
        .atomic = arguments.atomic,
        .strict = arguments.strict,
        .hold = {},
    };
    auto result = declared_apply.run(options, global.config ? HandOver::none : HandOver::to_daemon);
    if (!result) {
        return give_up(result.error(), global, env);
    }
    if (!*result) {
        return refuse(config, global, env);
    }
    ApplyReport& report = **result;
    show_warnings(report, global, env);
    // Those of the configuration were printed when it was read.
    const std::vector<std::string> shown = warning_texts(config);
    report.warnings.insert(report.warnings.begin(), shown.begin(), shown.end());
    const bool is_applied = !report.failed && report.verified;
    env.console.info(
        (is_applied ? "applied configuration " : "could not apply all of configuration ") + config.hash);
    env.console.print(global.json ? apply_json(report) : apply_text(report, env.console.out_colour()));
    return exit_code_of(report, arguments);
}

void add_options(CLI::App& app, const std::shared_ptr<ApplyArguments>& arguments) {
    app.add_flag("--dry-run", arguments->dry_run, "print what would be changed, and change nothing");
    app.add_option_function<std::vector<std::string>>(
           "--only",
           [arguments](const std::vector<std::string>& words) {
               for (const std::string& word : words) {
                   arguments->only.insert(valid_value("--only", parse_choice("kind", kinds, word)));
               }
           },
           "apply only these kinds, separated by commas")
        ->type_name("KIND,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_flag(
        "--boot", arguments->boot, "only sysctls, limits and endpoints without an interface; no D-Bus");
    app.add_flag("--atomic", arguments->atomic, "revert all changes if one fails");
    app.add_flag(
        "--strict", arguments->strict, "fail if the kernel or NetworkManager is too old for an item");
    app.add_flag(
        "--restart-units",
        arguments->restart_units,
        "restart the declared units whose sockets are not as declared");
    app.add_flag("--on-event", arguments->on_event)->group(""); // hidden: for mptcp-keeper-apply.service
    app.add_flag(
        "--detailed-exitcodes", arguments->detailed_exitcodes, "exit with 2 if something was changed");
}

} // namespace

Command make_apply(CLI::App& program) {
    const auto arguments = std::make_shared<ApplyArguments>();
    Command command(
        program,
        {.name = "apply", .summary = "make the host match the configuration", .details = R"(
KIND is sysctl, limits, endpoints, profiles (including the endpoints that
NetworkManager creates from them) or applications. All changes are read back and
verified; a second apply writes nothing. A running daemon loads the same files
before the command returns. With --config, apply is refused if a daemon in mode
enforce would undo it. Units that run without MPTCP keep running until you
restart them or use --restart-units, which restarts them after everything else;
their connections close then.

Exit codes: 0 done, 1 something failed, 65 invalid configuration, 77 not
permitted; with --detailed-exitcodes, 2 if something was changed; with
--dry-run, 0 or 2 as for diff.

Examples:
  mptcp-keeper apply --dry-run             what would change, and its effects
  mptcp-keeper apply --only sysctl,limits  without asking NetworkManager
  mptcp-keeper apply --config new.yaml --atomic
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return apply(*arguments, global, env);
        });
    command.choices = {{"--only", names_of(kinds)}};
    command.app->callback([arguments] { check_combination(*arguments); });
    add_options(*command.app, arguments);
    return command;
}

} // namespace keeper::cli
