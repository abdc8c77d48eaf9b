// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/help.hpp"

#include <sstream>

#include "base/text/join.hpp"
#include "cli/description.hpp"

namespace keeper::cli {

namespace {

constexpr std::size_t right_column = 30;
constexpr std::size_t width = 80;

/// One entry: the term on the left, its description on the right.
std::string entry(const std::string& term, const std::string& description) {
    std::string text = "  " + term;
    std::size_t at = text.size();
    const auto go_to_column = [&] {
        if (at >= right_column) {
            text += '\n';
            at = 0;
        }
        text.append(right_column - at, ' ');
        at = right_column;
    };
    go_to_column();
    std::istringstream words(description);
    for (std::string word; words >> word; at += word.size()) {
        if (at > right_column) {
            if (at + 1 + word.size() > width) {
                go_to_column();
            } else {
                text += ' ';
                ++at;
            }
        }
        text += word;
    }
    return text + '\n';
}

bool is_repeated(const CLI::Option& option) {
    return option.get_items_expected_max() > 1;
}

std::string term_of(const CLI::Option& option) {
    const OptionDescription described = describe(option);
    const std::string text = joined(described.names, ",");
    if (described.is_argument()) {
        return text + (is_repeated(option) ? "..." : "");
    }
    return described.value.empty() ? text : text + " " + described.value;
}

std::string usage_of(const CLI::Option& argument) {
    return argument.get_required() ? " " + term_of(argument) : " [" + term_of(argument) + "]";
}

} // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
    std::string usage = "Usage: " + name + " [OPTIONS]";
    std::string arguments;
    std::string options;
    std::string commands;
    for (const CLI::Option* option : app->get_options()) {
        if (is_hidden(*option)) {
            continue;
        }
        if (option->get_positional()) {
            usage += usage_of(*option);
            arguments += entry(term_of(*option), option->get_description());
        } else {
            options += entry(term_of(*option), option->get_description());
        }
    }
    for (const CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; })) {
        commands += entry(command->get_name(), command->get_description());
    }
    const auto section = [](const char* heading, const std::string& entries) {
        return entries.empty() ? "" : std::string("\n") + heading + ":\n" + entries;
    };
    return app->get_description() + '\n' + usage + (commands.empty() ? "" : " SUBCOMMAND") + '\n' +
           section("Positionals", arguments) + section("Options", options) +
           section("Subcommands", commands) + (app->get_footer().empty() ? "" : '\n' + app->get_footer());
}

} // namespace keeper::cli
