#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace keeper::cli {

/// The text of --help, at most 80 columns wide. CLI11 can write one itself, but its headings, columns and
/// line breaks differ from release to release, and some releases fill the paragraphs and so take the examples
/// apart.
class HelpFormatter final : public CLI::FormatterBase {
  public:
    /// `name` is the command line so far: "mptcp-keeper apply".
    [[nodiscard]] std::string
    make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

} // namespace keeper::cli
