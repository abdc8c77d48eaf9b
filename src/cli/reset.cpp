#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "engine/hand_over.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

ExitCode run(const ResetOptions&, const GlobalOptions& global, Environment& env) {
    const auto lock = prepare_to_change("reset", env);
    if (!lock) {
        return give_up(lock.error(), global, env);
    }
    if (const auto refusal = refusal_beside_daemon(env.daemon, "run `systemctl stop mptcp-keeper` first")) {
        return give_up(*refusal, global, env);
    }
    const Result<ApplyReport> report = env.engine.reset();
    if (!report) {
        return give_up(report.error(), global, env);
    }
    tell_report(*report, global, env);
    env.console.print(global.json ? apply_json(*report) : apply_text(*report, env.console.out_colour()));
    return report->failed || !report->verified ? ExitCode::failed : ExitCode::done;
}

} // namespace keeper::cli
