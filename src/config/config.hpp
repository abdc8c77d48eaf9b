// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/config_source.hpp"
#include "model/desired_state.hpp"
#include "model/source.hpp"

namespace keeper {

/// One error or warning about a configuration file.
struct Diagnostic {
    Source source;              ///< line and column count from 1; 1:1 for a whole file
    std::string message;        ///< without FILE:LINE:COLUMN
    std::string line_text = {}; ///< the line itself, for the caret; empty if there is none to show
    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// A file's name and content. The caller reads the file; the parser does no I/O.
struct ConfigText {
    std::string file; ///< as shown in messages
    std::string text;
};

/// The result of parsing. `desired` is usable only if there are no errors.
struct LoadedConfig {
    DesiredState desired;
    std::string fingerprint;           ///< a hash of the names and content of all files
    std::string hash;                  ///< config_hash() of `desired`; empty if there are errors
    std::vector<std::string> files;    ///< in the order in which they were read
    std::vector<ConfigSource> sources; ///< the same with their text; empty if there are errors
    std::vector<Diagnostic> errors;
    std::vector<Diagnostic> warnings;
    std::vector<Diagnostic> remarks; ///< warnings that may not concern this host; only `check` shows them
    [[nodiscard]] bool valid() const { return errors.empty(); }
};

/// Parses, validates and merges the files in their order and reports all errors of all files at once. Pure;
/// time and memory are bounded for any input.
[[nodiscard]] LoadedConfig parse_config(const std::vector<ConfigText>& files);
/// Like parse_config(), but a file that could not be read is an error at its 1:1. `root` is the directory
/// below which the files were searched for, see ConfigPort.
[[nodiscard]] LoadedConfig
parse_sources(const std::vector<ConfigSource>& files, const std::string& root = "");

/// The grammar as a JSON Schema (draft 2020-12), generated from the description that validation uses.
[[nodiscard]] std::string config_schema();
/// The first line of a configuration by which editors with yaml-language-server find the schema. It names the
/// path of the packages, since a configuration is often written on one host for others.
inline constexpr const char* schema_modeline =
    "# yaml-language-server: $schema=file:///usr/share/mptcp-keeper/schema.json";

} // namespace keeper
