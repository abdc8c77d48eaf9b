#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "cli/console.hpp"
#include "plan/plan.hpp"

namespace keeper::cli {

/// Options that stand before or after the command.
struct GlobalOptions {
    std::optional<std::string> config; ///< one file ("-" for standard input) in place of the search path
    std::string root;                  ///< of an unbooted tree; "" for the running system
    bool json = false;
    LogLevel log_level = LogLevel::warning;
};

struct CheckOptions {
    std::vector<std::string> files; ///< merged in this order; none: --config or the search path
};
struct DiffOptions {};
struct ApplyOptions {
    std::set<Kind> only; ///< empty: everything
    bool boot = false;
    bool dry_run = false;
    bool atomic = false;
    bool strict = false;
    bool restart_units = false; ///< those that need it to use MPTCP
    bool detailed_exitcodes = false;
};
struct StatusOptions {
    bool watch = false;
    std::chrono::milliseconds interval{1000}; ///< between two looks, 100 ms to 1 h
};
struct ResetOptions {};
struct ExportOptions {
    bool leftovers = false;
};
struct RunOptions {
    std::vector<std::string> command; ///< the program and its arguments
};
struct ConfigOptions {};
struct SchemaOptions {};
struct DoctorOptions {
    std::optional<std::int64_t> pid;
    std::string unit;                  ///< a systemd unit, or empty
    std::optional<std::string> target; ///< HOST:PORT to be probed
};
struct DaemonOptions {};
struct MonitorOptions {
    bool timestamps = false;
};
struct ConnectionsOptions {
    bool watch = false;
    std::optional<std::uint16_t> port; ///< only connections with that port at either end of a subflow
};
using Command = std::variant<
    CheckOptions,
    DiffOptions,
    ApplyOptions,
    StatusOptions,
    ResetOptions,
    ExportOptions,
    RunOptions,
    ConfigOptions,
    SchemaOptions,
    DoctorOptions,
    DaemonOptions,
    MonitorOptions,
    ConnectionsOptions>;

/// A command line that asks for work.
struct Invocation {
    GlobalOptions global;
    Command command;
};
/// A command line that asks for the help or the version: the text for standard output.
struct Information {
    std::string text;
};
/// A command line that makes no sense, and why.
struct UsageError {
    std::string message;
    std::string help_command; ///< the command that says more
};
using CommandLine = std::variant<Invocation, Information, UsageError>;

/// Reads the arguments, without the program's name. Looks at nothing else.
[[nodiscard]] CommandLine parse_command_line(std::vector<std::string> arguments, const std::string& version);

} // namespace keeper::cli
