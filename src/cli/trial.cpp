// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/trial.hpp"

#include <algorithm>

#include "base/text/shell_word.hpp"
#include "cli/change_permission.hpp"
#include "cli/configuration.hpp"
#include "cli/global_options.hpp"
#include "model/config_source.hpp"

namespace keeper::cli {

Trial make_trial(Environment& env) {
    return Trial({
        .engine = env.engine,
        .mark = env.mark,
        .daemon = env.daemon,
        .tries = env.tries,
        .deadline_process = env.try_clock,
        .clock = env.ports.clock,
        .lock = [&env] { return lock_for_change(env); },
    });
}

void warn_of_missing_installation(const PendingTry& confirmed, Environment& env) {
    if (confirmed.file.empty()) {
        if (read_config_silently(GlobalOptions{}, env).fingerprint != confirmed.candidate.fingerprint) {
            env.console.warning(
                "the files on disk have changed since the try began and are not in force: run "
                "`mptcp-keeper diff` and `mptcp-keeper apply`");
        }
        return;
    }
    const std::string main_file(main_config_file);
    std::string text =
        "the configuration in force is not installed, and is lost at the next apply, reload or "
        "restart of the daemon; to make it permanent: ";
    text += confirmed.file == "-"
                ? "save it as " + main_file
                : "`install -D -m 644 " + shell_word(confirmed.file) + " " + main_file + "`";
    std::vector<std::string> others = env.config_files.search_path("");
    std::erase(others, main_file);
    if (!others.empty()) {
        text += "; drop-ins are merged into it, such as " + others.front();
    }
    env.console.warning(text);
}

} // namespace keeper::cli
