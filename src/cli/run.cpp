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

/// Why an MPTCP socket would fail here, which no program understands; nothing where it would not. Looks at
/// the kernel and at nothing else: neither the configuration nor the keeper's record matters to the program.
std::optional<std::string> why_no_mptcp(Environment& env) {
    auto sysctls = env.live.sysctls.read_all();
    if (!sysctls) {
        return sysctls.error().message;
    }
    ObservedState kernel;
    kernel.sysctls = std::move(*sysctls);
    return is_enabled_now(kernel) ? std::nullopt : std::optional("net.mptcp.enabled is not 1 in this kernel");
}

} // namespace

ExitCode run(const RunOptions& options, const GlobalOptions&, Environment& env) {
    const auto library = env.find_preload_library();
    std::map<std::string, std::string> variables;
    if (const auto reason = why_no_mptcp(env)) {
        env.console.warning(
            *reason + ": the program runs with plain TCP, since its MPTCP sockets would fail");
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
