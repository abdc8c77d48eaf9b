// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "base/text/nearest.hpp"
#include "config/grammar/validate.hpp"
#include "config/sections/connection_types.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

std::vector<std::string> texts(const YamlNode& match, std::string_view key) {
    std::vector<std::string> result;
    if (const YamlNode* values = match.find_valid(key)) {
        for (const YamlNode* value : elements(*values)) {
            result.push_back(value->text);
        }
    }
    return result;
}

std::vector<std::string> connection_types(const YamlNode& match, FileReport& report) {
    std::vector<std::string> result;
    const YamlNode* values = match.find_valid("type");
    if (values == nullptr) {
        return result;
    }
    for (const YamlNode* value : elements(*values)) {
        std::string type = canonical_connection_type(value->text);
        if (!is_connection_type(type)) {
            const auto near = nearest(value->text, connection_type_names());
            report.warning(
                value->place,
                fmt::format(
                    "unknown connection type {}{}",
                    in_quotes(value->text),
                    near ? "; did you mean " + *near + "?" : ""));
        }
        result.push_back(std::move(type));
    }
    return result;
}

ProfileMatch match_of(const YamlNode& node, FileReport& report) {
    ProfileMatch match;
    match.names = texts(node, "name");
    match.interfaces = texts(node, "interface");
    match.types = connection_types(node, report);
    for (std::string& uuid : texts(node, "uuid")) {
        match.uuids.push_back(lower(std::move(uuid)));
    }
    return match;
}

std::optional<MptcpFlags> flags_of(const YamlNode& node, FileReport& report) {
    if (node.kind == NodeKind::null) {
        return std::nullopt;
    }
    MptcpFlags flags;
    const std::vector<Word> words = split_words(node);
    for (const Word& word : words) {
        if (const auto flag = parse_mptcp_flag(word.text)) {
            flags = flags.with(*flag);
        } else if (words.size() > 1) { // the only name that is not a flag
            report.error(word.place, "default cannot be combined with other flags");
        }
    }
    if (const auto refusal = refusal_of(flags)) {
        report.error(node.place, *refusal);
    }
    return flags;
}

Activation activation_of(const YamlNode* node) {
    if (node == nullptr || node->text == "auto") {
        return Activation::automatic;
    }
    return node->text == "reapply" ? Activation::reapply : Activation::defer;
}

ProfileRule rule_of(const YamlNode& node, FileReport& report) {
    ProfileRule rule;
    rule.source = report.source(node.place);
    if (const YamlNode* match = node.find_valid("match")) {
        rule.match = match_of(*match, report);
    }
    if (const YamlNode* except = node.find_valid("except")) {
        rule.except = match_of(*except, report);
    }
    if (const YamlNode* flags = node.find_valid("mptcp-flags")) {
        rule.flags = flags_of(*flags, report);
    }
    rule.activation = activation_of(node.find_valid("activation"));
    return rule;
}

} // namespace

void merge_profiles(const YamlNode& section, DesiredState& desired, FileReport& report) {
    if (section.kind == NodeKind::null) {
        desired.profiles.clear();
    }
    for (const YamlNode& item : section.items) {
        if (item.kind == NodeKind::map) {
            desired.profiles.push_back(rule_of(item, report));
        }
    }
}

} // namespace keeper
