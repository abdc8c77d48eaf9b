// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/description.hpp"

#include <CLI/CLI.hpp>

namespace keeper::cli {

bool is_hidden(const CLI::Option& option) {
    return option.get_group().empty();
}

OptionDescription describe(const CLI::Option& option) {
    OptionDescription description;
    for (const std::string& name : option.get_snames()) {
        description.names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        description.names.push_back("--" + name);
    }
    if (description.names.empty()) {
        description.names.push_back(option.get_name(true));
    } else if (option.get_items_expected_max() > 0) {
        // CLI11 appends the range that it checks: ":INT in [1 - 65535]".
        const std::string type = option.get_type_name();
        description.value = type.substr(0, type.find(":INT"));
    }
    description.help = option.get_description();
    description.is_required = option.get_required();
    return description;
}

std::vector<OptionDescription> describe_options(const CLI::App& app, const Choices& choices) {
    std::vector<OptionDescription> descriptions;
    for (const CLI::Option* option : app.get_options()) {
        if (is_hidden(*option) || (app.get_parent() != nullptr && option == app.get_help_ptr())) {
            continue;
        }
        OptionDescription description = describe(*option);
        if (const auto found = choices.find(description.names.back()); found != choices.end()) {
            description.choices = found->second;
        }
        descriptions.push_back(std::move(description));
    }
    return descriptions;
}

} // namespace keeper::cli
