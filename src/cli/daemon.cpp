#include "daemon/daemon.hpp"

#include "cli/commands.hpp"
#include "cli/common.hpp"

namespace keeper::cli {

ExitCode run(const DaemonOptions&, const GlobalOptions& global, Environment& env) {
    if (!env.may_change_network()) {
        return give_up(
            {ErrorKind::not_permitted, "the daemon changes the host's network and needs CAP_NET_ADMIN"},
            global,
            env);
    }
    const Result<DaemonEnd> end =
        env.be_daemon([&] { return parse_config_files(global, env); }, global.config.value_or(""));
    if (!end) {
        return give_up(end.error(), global, env);
    }
    switch (*end) {
    case DaemonEnd::told_to_stop:
        return ExitCode::done;
    case DaemonEnd::invalid_configuration:
        return ExitCode::invalid_configuration;
    }
    return ExitCode::failed;
}

} // namespace keeper::cli
