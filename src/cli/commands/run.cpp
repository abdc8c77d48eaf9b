// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>
#include <map>

#include <CLI/CLI.hpp>

#include "applications/program_environment.hpp"
#include "applications/run_means.hpp"
#include "cli/commands/registry.hpp"
#include "cli/environment.hpp"
#include "model/observed_state.hpp"

namespace keeper::cli {

namespace {

struct RunArguments {
    std::vector<std::string> command; ///< the program and its arguments
};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// Why MPTCP sockets cannot be opened here; std::nullopt if they can. A program would not understand the
/// error. Reads the kernel alone: configuration and record have no influence on the program.
std::optional<std::string> why_no_mptcp(Environment& env) {
    auto sysctls = env.ports.sysctls.read_all();
    if (!sysctls) {
        return sysctls.error().message;
    }
    ObservedState kernel;
    kernel.sysctls = std::move(*sysctls);
    return enabled_now(kernel) == true ? std::nullopt : std::optional("net.mptcp.enabled is not 1");
}

ExitCode refuse(const Error& failure, Environment& env) {
    env.console.error(failure.message);
    return failure.kind == ErrorKind::unavailable ? ExitCode::no_such_program : ExitCode::cannot_run_program;
}

/// Only a program that the variables do not reach completely costs more than reading a few files.
RunChoice prepare(const RunFacts& facts, Environment& env) {
    if (!depends_on_hook(facts)) {
        return {};
    }
    RunChoice choice = choose_means(facts, env.scopes.hook_state());
    if (choice.means == RunMeans::scope) {
        if (const auto entered = env.scopes.enter_scope(facts.program.path); !entered) {
            choice = choose_without_scope(facts, entered.error().message);
        }
    }
    return choice;
}

ExitCode run_program(const RunArguments& arguments, Environment& env) {
    const auto program = env.processes.find_program(arguments.command.front());
    if (!program) {
        return refuse(program.error(), env);
    }
    std::map<std::string, std::string> variables;
    if (const auto reason = why_no_mptcp(env)) {
        env.console.warning(*reason + "; the program runs with plain TCP, as its MPTCP sockets would fail");
    } else {
        const auto library = env.processes.find_preload_library();
        const RunChoice choice = prepare({.program = *program, .has_library = library.has_value()}, env);
        if (choice.means == RunMeans::refused) {
            env.console.error(choice.reason);
            return ExitCode::failed;
        }
        if (!choice.reason.empty()) {
            env.console.warning(choice.reason);
        }
        if (library) {
            variables["LD_PRELOAD"] = with_preload(variable("LD_PRELOAD"), *library);
        }
        variables["GODEBUG"] = with_go_multipath(variable("GODEBUG"));
    }
    return refuse(env.processes.exec_program(program->path, arguments.command, variables), env);
}

} // namespace

Command make_run(CLI::App& program) {
    const auto arguments = std::make_shared<RunArguments>();
    Command command(
        program,
        {.name = "run", .summary = "run a program with MPTCP sockets", .details = R"(
TCP sockets of the program become MPTCP sockets: libmptcpwrap (package mptcpize
or mptcpd) is preloaded, and GODEBUG=multipathtcp=1 is set for Go programs.

Static and setuid programs, programs with file capabilities, and some sockets of
Go programs cannot be reached this way, but by the hook of the package
mptcp-keeper-bpf. Where that is attached, such a program runs in a scope of its
own, mptcp-keeper-run-*.scope, of the system's service manager (root) or of the
user's. Otherwise, a warning says what is missing, and the program runs with
TCP; programs that it starts may still use MPTCP. A script counts as its
interpreter.

Options of mptcp-keeper come before COMMAND; everything after it belongs to the
program.

Exit codes: 0 or that of the program; 1 nothing was run, since libmptcpwrap is
not installed and nothing else reaches the program; 126 COMMAND cannot be run;
127 COMMAND was not found.

Example:
  mptcp-keeper run -- iperf3 -c 192.0.2.1
)"},
        [arguments](const GlobalOptions&, Environment& env) { return run_program(*arguments, env); });
    command.starts_program = true;
    command.app
        ->add_option("COMMAND", arguments->command, "the program and its arguments; -- may come before them")
        ->required();
    return command;
}

} // namespace keeper::cli
