#include <cstdlib>

#include "applications/program_environment.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "plan/managed_devices.hpp"

namespace keeper::cli {

namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// With MPTCP off in the kernel, asking for an MPTCP socket fails: no program would understand that.
bool is_mptcp_off(Environment& env) {
    Scope scope;
    scope.kinds = {Kind::sysctl};
    const auto observation = env.engine.observe(scope);
    return !observation || !is_enabled_now(observation->state);
}

} // namespace

ExitCode run(const RunOptions& options, const GlobalOptions&, Environment& env) {
    const auto library = env.find_preload_library();
    std::map<std::string, std::string> variables;
    if (is_mptcp_off(env)) {
        env.console.warning(
            "net.mptcp.enabled is not 1 in this kernel: the program runs with plain TCP, since its MPTCP "
            "sockets would fail");
    } else if (!library) {
        env.console.error(
            "libmptcpwrap is not installed, without which only Go programs can be made to use MPTCP; install "
            "the package mptcpize (Debian, Ubuntu) or mptcpd (Fedora, RHEL)");
        return ExitCode::failed;
    } else {
        variables["LD_PRELOAD"] = with_preload(variable("LD_PRELOAD"), *library);
        variables["GODEBUG"] = with_go_multipath(variable("GODEBUG"));
    }
    const ExecFailure failure = env.become(options.command, variables);
    env.console.error(failure.message);
    return failure.is_missing ? ExitCode::no_such_program : ExitCode::cannot_run_program;
}

} // namespace keeper::cli
