#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/config_source.hpp"
#include "model/desired_state.hpp"
#include "model/source.hpp"

namespace keeper {

/// One error or warning about a configuration file, in the form of the contract.
struct Diagnostic {
    Source source;         ///< line and column from 1; 1:1 for a whole file
    std::string message;   ///< without the place
    std::string line_text; ///< the line itself, for the caret; empty where there is none to show
    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// A file's name and bytes, read by someone else: the parser itself touches no file.
struct ConfigText {
    std::string file; ///< as it shall stand in messages
    std::string text;
};

/// A configuration that was read: usable only where there are no errors.
struct LoadedConfig {
    DesiredState desired;
    std::string fingerprint; ///< of the names and bytes of all files: another where anything in them is
    std::vector<std::string> files; ///< those that took part, in the order in which they were read
    std::vector<Diagnostic> errors;
    std::vector<Diagnostic> warnings;
    std::vector<Diagnostic> remarks; ///< warnings about hosts in general, which only `check` shows
    [[nodiscard]] bool valid() const { return errors.empty(); }
};

/// Reads, validates and merges the files in their order; all errors of all files at once. Pure: bounded in
/// time and memory whatever the text holds.
[[nodiscard]] LoadedConfig parse_config(const std::vector<ConfigText>& files);
/// The same for files of which some could not be read: those are errors at their 1:1. `root`: below which
/// they were searched for, see ConfigPort.
[[nodiscard]] LoadedConfig
parse_sources(const std::vector<ConfigSource>& files, const std::string& root = "");

/// The grammar as a JSON Schema (draft 2020-12), from the same description that the parser uses.
[[nodiscard]] std::string config_schema();

} // namespace keeper
