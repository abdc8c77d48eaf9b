// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/text/duration.hpp"
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/option_value.hpp"
#include "cli/outcome.hpp"
#include "cli/trial.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long the command leaves the revert at the deadline to the process that holds the clock.
constexpr seconds patience{10};

struct TryArguments {
    std::optional<std::string> file;
    milliseconds timeout{120000}; ///< 1 s to 24 h
    bool detach = false;
};

Result<milliseconds> parse_timeout(const std::string& text) {
    const auto timeout = parse_duration(text);
    if (!timeout || *timeout < seconds(1) || *timeout > std::chrono::hours(24)) {
        return fail("invalid time " + quoted_name(text) + "; expected 1s to 24h, such as 120s");
    }
    return *timeout;
}

/// The absolute path of the candidate, for messages of other processes.
std::string candidate_name(const GlobalOptions& source) {
    if (!source.config || *source.config == "-") {
        return source.config.value_or("");
    }
    std::error_code error;
    const auto path = std::filesystem::absolute(*source.config, error);
    return error ? *source.config : path.lexically_normal().string();
}

void warn_of_units(const DesiredState& desired, Environment& env) {
    if (!desired.units.empty() || !desired.never.empty()) {
        env.console.warning("applications.units and never are not part of a try: their drop-ins follow the "
                            "installed files");
    }
}

std::string time_left(milliseconds left) {
    const auto whole = std::chrono::ceil<seconds>(left).count();
    return whole < 120 ? std::to_string(whole) + " s" : std::to_string(whole / 60) + " min";
}

/// Waits until the try is confirmed or reverted, by whomever; std::nullopt if the terminal is gone, which
/// leaves the decision to others.
class Decision {
  public:
    Decision(const PendingTry& pending, TryWaitPort& wait, const GlobalOptions& global, Environment& env)
        : pending_(pending), wait_(wait), global_(global), env_(env) {}

    [[nodiscard]] std::optional<TryOutcome> await() {
        while (!outcome_ && !left_) {
            if ((outcome_ = env_.tries.outcome_of(pending_.number))) {
                break;
            }
            if (!env_.tries.shown()) {
                left_ = true;
                env_.console.error("the try was given up; the present settings stay");
                break;
            }
            const milliseconds now = env_.ports.clock.since_boot();
            const milliseconds left = pending_.deadline - now;
            if (left + patience < milliseconds(0)) {
                revert(); // the process that holds the clock is gone
            } else if (wait_.is_interactive()) {
                show(left);
                handle(wait_.wait(std::min(now + seconds(1), pending_.deadline + patience)));
            } else {
                handle(wait_.wait(pending_.deadline + patience));
            }
        }
        if (wait_.is_interactive()) {
            wait_.show("");
        }
        return outcome_;
    }

  private:
    void show(milliseconds left) {
        wait_.show(
            left > milliseconds(0)
                ? "Press Enter to keep this configuration; it is taken back in " + time_left(left) + ". "
                : "The deadline has passed; taking the configuration back. ");
    }
    void handle(const TryWaitPort::Event& event) {
        if (event.hang_up) {
            left_ = true;
        } else if (event.stop) {
            revert();
        } else if (event.enter) {
            confirm();
        }
    }
    void confirm() {
        const auto confirmed = make_trial(env_).confirm();
        if (confirmed) {
            outcome_ = TryOutcome::confirmed;
        } else {
            env_.console.error(confirmed.error().message);
        }
    }
    void revert() {
        const auto report = make_trial(env_).revert();
        outcome_ = env_.tries.outcome_of(pending_.number); // another process may have been faster
        if (outcome_) {
            return;
        }
        left_ = true;
        env_.console.error(
            "the host could not be restored completely" + (report ? "" : ": " + report.error().message) +
            "; it is tried again every few seconds, or run `mptcp-keeper revert`");
        if (report) {
            show_warnings(*report, global_, env_);
        }
    }

    const PendingTry& pending_;
    TryWaitPort& wait_;
    const GlobalOptions& global_;
    Environment& env_;
    std::optional<TryOutcome> outcome_;
    bool left_ = false;
};

TryReport shown_try(const PendingTry& pending, std::optional<TryOutcome> outcome) {
    return {
        .pending = !outcome,
        .deadline = outcome ? std::nullopt : std::optional(pending.shown_deadline),
        .file = pending.file,
        .outcome = outcome};
}

ExitCode end_taken_back(const Trial::Begun& begun, const GlobalOptions& global, Environment& env) {
    for (const std::string& problem : begun.problems) {
        env.console.error(problem);
    }
    const bool is_back = begun.report.reverted;
    const auto outcome = is_back ? std::optional(TryOutcome::reverted) : std::nullopt;
    env.console.print(
        global.json ? try_json(begun.report, shown_try(begun.pending, outcome))
                    : apply_text(begun.report, env.console.out_colour()));
    env.console.error(
        is_back
            ? "the configuration could not be applied as declared and was taken back"
            : "the configuration could not be applied as declared, and not be taken back completely yet; it is "
              "tried again every few seconds");
    return ExitCode::failed;
}

std::string how_to_end(const PendingTry& pending) {
    return "taken back at " + local_seconds_text(pending.shown_deadline) +
           " unless confirmed: `mptcp-keeper confirm` or `mptcp-keeper revert`\n";
}

ExitCode
await_decision(const Trial::Begun& begun, TryWaitPort& wait, const GlobalOptions& global, Environment& env) {
    if (!global.json) {
        if (const auto written = env.console.finish(); !written) {
            return give_up(written.error(), global, env);
        }
    }
    Decision decision(begun.pending, wait, global, env);
    const std::optional<TryOutcome> outcome = decision.await();
    if (outcome == TryOutcome::confirmed) {
        warn_of_missing_installation(begun.pending, env);
    }
    if (global.json) {
        env.console.print(try_json(begun.report, shown_try(begun.pending, outcome)));
    } else if (outcome) {
        env.console.print(
            *outcome == TryOutcome::confirmed ? "confirmed: the configuration stays in force\n"
                                              : "reverted: the earlier settings are restored\n");
    }
    if (!outcome) {
        return ExitCode::failed;
    }
    return *outcome == TryOutcome::confirmed ? ExitCode::done : ExitCode::reverted;
}

ExitCode end_interrupted(const Trial::Begun& begun, const GlobalOptions& global, Environment& env) {
    const auto reverted = make_trial(env).revert();
    if (!reverted) {
        return give_up(reverted.error(), global, env);
    }
    if (global.json) {
        env.console.print(try_json(begun.report, shown_try(begun.pending, TryOutcome::reverted)));
    }
    return reverted->failed ? ExitCode::failed : ExitCode::reverted;
}

ExitCode try_candidate(const TryArguments& arguments, const GlobalOptions& global, Environment& env) {
    GlobalOptions source = global;
    if (arguments.file) {
        source.config = arguments.file;
    }
    // Refuses invalid files at once, without waiting for the lock; what is tried is read under the lock.
    LoadedConfig config = read_config(source, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    warn_of_units(config.desired, env);
    // Signals are taken over before the first write, so that none leaves it half done.
    const auto wait = env.open_try_wait();
    if (!wait) {
        return give_up(wait.error(), global, env);
    }
    const auto begun = make_trial(env).begin(
        {.file = candidate_name(source),
         .timeout = arguments.timeout,
         .read = [&]() -> std::optional<Trial::Candidate> {
             config = read_config_again(std::move(config), source, env);
             return config.valid() ? std::optional(Trial::Candidate{
                                         config.desired,
                                         {.fingerprint = config.fingerprint,
                                          .is_known = true,
                                          .files = config.sources,
                                          .tried_file = candidate_name(source)}})
                                   : std::nullopt;
         },
         .warn = [&](const std::vector<std::string>& warnings) { show_warnings(warnings, env); },
         .is_cancelled =
             [&] {
                 const TryWaitPort::Event event = (*wait)->wait(milliseconds(0));
                 return event.stop || event.hang_up;
             }});
    if (!begun) {
        return give_up(begun.error(), global, env);
    }
    if (!*begun) {
        return refuse(config, global, env);
    }
    const Trial::Begun& trial = **begun;
    show_warnings(trial.report, global, env);
    if (trial.report.failed) {
        return end_taken_back(trial, global, env);
    }
    if (!global.json) {
        env.console.print(apply_text(trial.report, env.console.out_colour()) + how_to_end(trial.pending));
    }
    if (!arguments.detach) {
        return await_decision(trial, **wait, global, env);
    }
    if ((*wait)->wait(milliseconds(0)).stop) { // during the apply
        return end_interrupted(trial, global, env);
    }
    if (global.json) {
        env.console.print(try_json(trial.report, shown_try(trial.pending, std::nullopt)));
    }
    return ExitCode::done;
}

void add_try_options(CLI::App& app, const std::shared_ptr<TryArguments>& arguments) {
    app.add_option("FILE", arguments->file, "the configuration to try (default: the files on disk)")
        ->type_name("");
    app.add_option_function<std::string>(
           "--timeout",
           [arguments](const std::string& text) {
               arguments->timeout = valid_value("--timeout", parse_timeout(text));
           },
           "time to confirm, 1s to 24h (default 120s)")
        ->type_name("TIME");
    app.add_flag("--detach", arguments->detach, "return once the configuration is applied and verified");
}

} // namespace

Command make_try(CLI::App& program) {
    const auto arguments = std::make_shared<TryArguments>();
    Command command(
        program,
        {.name = "try", .summary = "apply, and take it back unless confirmed in time", .details = R"(
Applies FILE alone, or the files on disk, and restores the host at the deadline
unless `mptcp-keeper confirm` or, on a terminal, Enter comes first. A process of
its own reverts, so that a lost connection, a killed shell or a stopped daemon
changes nothing about it. Ctrl-C, SIGTERM and `mptcp-keeper revert` restore the
host at once. Until then a running daemon enforces the candidate; apply, reset,
reload and another try are refused. What cannot be taken back is printed first.

Exit codes: 0 confirmed (with --detach: applied), 3 reverted, 1 failed and taken
back, 65 invalid configuration, 77 not permitted.

Examples:
  mptcp-keeper try                           the files on disk, for 120 s
  mptcp-keeper try new.yaml --timeout 10m
  mptcp-keeper try --detach && ./health-check && mptcp-keeper confirm
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return try_candidate(*arguments, global, env);
        });
    add_try_options(*command.app, arguments);
    command.app->callback([arguments, config = program.get_option("--config")] {
        if (arguments->file && config->count() > 0) {
            throw CLI::ValidationError("name the file either after try or with --config, not both");
        }
    });
    return command;
}

} // namespace keeper::cli
