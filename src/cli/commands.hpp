#pragma once

#include "cli/command_line.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

/// The commands, each in the file of its name. A command prints its result and messages to the console and
/// answers with the exit code.
namespace keeper::cli {

[[nodiscard]] ExitCode run(const CheckOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const DiffOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const ApplyOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const StatusOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const ResetOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const ExportOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const RunOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const ConfigOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const DaemonOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const DoctorOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const SchemaOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const MonitorOptions& options, const GlobalOptions& global, Environment& env);
[[nodiscard]] ExitCode run(const ConnectionsOptions& options, const GlobalOptions& global, Environment& env);

/// The whole program behind main(): reads the arguments (without the program's name), runs the command and
/// writes its result. A result that cannot be written is a failure.
[[nodiscard]] ExitCode run_program(std::vector<std::string> arguments, Environment& env);

} // namespace keeper::cli
