// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace keeper::cli {

/// The text of --help, at most 80 columns wide. CLI11's own formatter differs from release to release in its
/// headings, columns and line breaks, and some releases refill the paragraphs, which destroys the examples.
class HelpFormatter final : public CLI::FormatterBase {
  public:
    /// `name` is the beginning of the command line: "mptcp-keeper apply".
    [[nodiscard]] std::string
    make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

} // namespace keeper::cli
