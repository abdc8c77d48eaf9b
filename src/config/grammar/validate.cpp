// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/grammar/validate.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/text/join.hpp"
#include "base/text/nearest.hpp"
#include "config/grammar/remarks.hpp"

namespace keeper {

namespace {

std::string described(const YamlNode& node) {
    switch (node.kind) {
    case NodeKind::null:
        return node.is_written ? "null" : "an empty value";
    case NodeKind::scalar:
        return in_quotes(node.text);
    case NodeKind::sequence:
        return "a list";
    case NodeKind::map:
        return "a map";
    }
    return {};
}

/// Words that some YAML parsers read as a boolean and others as a string.
bool is_boolean_word(std::string_view text) {
    static const std::set<std::string_view> words{
        "y",  "Y",  "yes", "Yes", "YES", "n",    "N",    "no",   "No",    "NO",    "on",
        "On", "ON", "off", "Off", "OFF", "true", "True", "TRUE", "false", "False", "FALSE"};
    return words.count(text) != 0;
}

std::string boolean_hint(std::string_view text) {
    const char first = static_cast<char>(text.empty() ? 0 : text.front() | 0x20);
    const bool is_on = (text.size() == 2 && (text.back() | 0x20) == 'n') && first == 'o';
    return first == 'y' || first == 't' || is_on ? "write true" : "write false";
}

bool is_number(std::string_view text) {
    const bool is_signed = text.starts_with('-') || text.starts_with('+');
    text.remove_prefix(is_signed ? 1 : 0);
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos &&
           text.front() != '.' && std::count(text.begin(), text.end(), '.') <= 1;
}

/// Validates one node against one form; a visitor of Form.
class Validator {
  public:
    Validator(YamlNode& node, std::string_view name, FileReport& report)
        : node_(node), name_(name), report_(report) {}

    bool operator()(const BooleanForm& form) {
        const std::string expected = form.also_digits ? "true, false, 0 or 1" : "true or false";
        if (node_.kind != NodeKind::scalar) {
            return must_be(expected);
        }
        const bool is_word = node_.text == "true" || node_.text == "false";
        const bool is_digit = form.also_digits && (node_.text == "0" || node_.text == "1");
        if ((is_word && !node_.is_quoted) || is_digit) {
            return true;
        }
        if (is_word) {
            return must_be(expected, "remove the quotes");
        }
        return must_be(expected, is_boolean_word(node_.text) ? boolean_hint(node_.text) : "");
    }

    bool operator()(const IntegerForm& form) {
        const std::string unit = form.unit == "s" ? " (seconds)" : "";
        const std::string expected =
            form.minimum == form.maximum
                ? fmt::format("{}", form.minimum)
                : fmt::format("a whole number from {} to {}{}", form.minimum, form.maximum, unit);
        if (node_.kind != NodeKind::scalar) {
            return must_be(expected);
        }
        const std::string remark = remark_on_integer(node_.text);
        if (!remark.empty()) {
            return must_be(expected, remark);
        }
        if (node_.is_quoted && !form.also_quoted) {
            return must_be(expected, "remove the quotes");
        }
        const std::string_view digits = node_.text;
        std::int64_t value = 0;
        const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), value).ec;
        if (error != std::errc() || value < form.minimum || value > form.maximum) {
            return must_be(expected);
        }
        return true;
    }

    bool operator()(const TextForm& form) {
        if (node_.kind != NodeKind::scalar) {
            return must_be(form.expected);
        }
        if (!node_.is_quoted && is_boolean_word(node_.text)) {
            return must_be(form.expected, "put it in quotes, or YAML 1.1 reads it as a boolean");
        }
        const bool is_right_kind = node_.is_quoted || form.also_number || !is_number(node_.text);
        const bool fits =
            is_right_kind && node_.text.size() <= form.max_length && form.pattern.fits(node_.text);
        const std::string remark = form.remark != nullptr ? form.remark(node_.text) : "";
        return (fits && remark.empty()) || must_be(form.expected, remark);
    }

    bool operator()(const ChoiceForm& form) {
        const std::string expected = enumerated(form.names, "or");
        if (node_.kind != NodeKind::scalar) {
            return must_be(expected);
        }
        if (std::find(form.names.begin(), form.names.end(), node_.text) != form.names.end()) {
            return true;
        }
        const auto near = nearest(node_.text, form.names);
        return must_be(expected, near && form.names.size() > 1 ? "did you mean " + *near + "?" : "");
    }

    bool operator()(const WordsForm& form) {
        const std::string expected = "a list of flags, or flags separated by commas";
        if (node_.kind != NodeKind::scalar && node_.kind != NodeKind::sequence) {
            return must_be(expected);
        }
        bool is_valid = true;
        for (YamlNode& item : node_.items) {
            if (item.kind != NodeKind::scalar) {
                is_valid = refuse(item.place, fmt::format("a flag must be a word, not {}", described(item)));
            }
        }
        const std::vector<Word> words = split_words(node_);
        if (words.empty() && is_valid) {
            return must_be(expected, "name at least one");
        }
        std::set<std::string> seen;
        for (const Word& word : words) {
            is_valid = check_word(word, form) && is_valid;
            if (!seen.insert(word.text).second) {
                is_valid =
                    refuse(word.place, fmt::format("the flag {} is listed twice", in_quotes(word.text)));
            }
        }
        return is_valid;
    }

    bool operator()(const ListForm& form) {
        const Spec& item = form.item.front();
        if (node_.kind != NodeKind::sequence) {
            const bool is_single = form.also_single && node_.kind == NodeKind::scalar;
            return is_single
                       ? validate(node_, item, name_, report_)
                       : must_be(
                             form.also_single ? "a string or a list of strings" : "a list (lines with - )");
        }
        if (node_.items.empty() && !form.may_be_empty) {
            return refuse(node_.place, fmt::format("{} must not be an empty list", name_));
        }
        const std::string item_name = fmt::format("an item of {}", name_);
        for (YamlNode& child : node_.items) {
            validate(child, item, item_name, report_);
        }
        return true;
    }

    bool operator()(const MapForm& form) {
        const std::vector<std::string> known = key_names(form);
        if (node_.kind != NodeKind::map) {
            return must_be("a map (lines with key: value) of " + enumerated(known, "and"));
        }
        if (node_.members.empty() && !form.may_be_empty) {
            return refuse(
                node_.place, fmt::format("{} must not be empty; add {}", name_, enumerated(known, "or")));
        }
        for (YamlMember& member : node_.members) {
            check_member(member, form, known);
        }
        bool is_complete = true;
        for (const KeySpec& key : form.keys) {
            if (key.is_required && node_.find(key.name) == nullptr) {
                is_complete = refuse(node_.place, fmt::format("{} is missing", key.name));
            }
        }
        return is_complete;
    }

  private:
    void check_member(YamlMember& member, const MapForm& form, const std::vector<std::string>& known) {
        std::string_view name = member.key;
        if (!form.key_prefix.empty() && name.starts_with(form.key_prefix)) {
            name.remove_prefix(form.key_prefix.size());
        }
        const KeySpec* key = find_key(form, name);
        if (key != nullptr && key->refusal.empty()) {
            validate(member.value, key->value, key->name, report_);
            return;
        }
        const bool is_open = key == nullptr && form.open && form.open->pattern.fits(name);
        const auto meant = is_open && form.open->meant != nullptr ? form.open->meant(name) : std::nullopt;
        if (is_open && !meant) {
            validate(member.value, form.open->value.front(), name, report_);
            return;
        }
        member.value.is_valid = false;
        if (meant) {
            refuse(
                member.place,
                fmt::format(
                    "unknown {} {}; did you mean {}?", form.open->noun, in_quotes(member.key), *meant));
            return;
        }
        if (key != nullptr) {
            refuse(member.place, key->refusal);
        } else if (form.open) {
            const auto near = nearest(name, known);
            refuse(
                member.place,
                fmt::format(
                    "{} is not allowed: {}{}",
                    in_quotes(member.key),
                    form.open->expected,
                    near ? "; did you mean " + *near + "?" : ""));
        } else if (member.key == "<<") {
            refuse(member.place, "merge keys (<<) are not supported; write the values out");
        } else {
            refuse(
                member.place,
                fmt::format("unknown key {}; {}", in_quotes(member.key), suggestion(member.key, known)));
        }
    }

    bool check_word(const Word& word, const WordsForm& form) {
        if (std::find(form.names.begin(), form.names.end(), word.text) != form.names.end()) {
            return true;
        }
        const std::string remark = form.remark != nullptr ? form.remark(word.text) : "";
        return refuse(
            word.place,
            fmt::format(
                "unknown flag {}; {}",
                in_quotes(word.text),
                remark.empty() ? suggestion(word.text, form.names) : remark));
    }

    bool refuse(Place place, std::string message) {
        report_.error(place, std::move(message));
        return false;
    }

    bool must_be(std::string_view expected, std::string_view remark = {}) {
        return refuse(
            node_.place,
            fmt::format(
                "{} must be {}, not {}{}{}",
                name_,
                expected,
                described(node_),
                remark.empty() ? "" : "; ",
                remark));
    }

    YamlNode& node_;
    std::string_view name_;
    FileReport& report_;
};

} // namespace

bool validate(YamlNode& node, const Spec& spec, std::string_view name, FileReport& report) {
    if (node.kind != NodeKind::null || !spec.nullable) {
        node.is_valid = std::visit(Validator(node, name, report), spec.form);
    }
    return node.is_valid;
}

std::vector<Word> split_words(const YamlNode& node) {
    std::vector<Word> words;
    if (node.kind == NodeKind::sequence) {
        for (const YamlNode& item : node.items) {
            if (item.kind == NodeKind::scalar) {
                words.push_back({item.text, item.place});
            }
        }
        return words;
    }
    const std::string_view text = node.text;
    if (text.find_first_not_of(" \t\n") == std::string_view::npos) {
        return words;
    }
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        const std::size_t first = std::min(text.find_first_not_of(" \t\n", start), end);
        std::string_view word = text.substr(first, end - first);
        word = word.substr(0, word.find_last_not_of(" \t\n") + 1);
        const auto offset = static_cast<int>(first + (node.is_quoted ? 1 : 0));
        words.push_back({std::string(word), {node.place.line, node.place.column + offset}});
        start = end + 1;
    }
    return words;
}

std::int64_t to_integer(const YamlNode& node) {
    std::int64_t value = 0;
    std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
    return value;
}

bool to_boolean(const YamlNode& node) {
    return node.text == "true" || node.text == "1";
}

std::vector<const YamlNode*> elements(const YamlNode& node) {
    std::vector<const YamlNode*> result;
    if (node.kind == NodeKind::scalar) {
        result.push_back(&node);
    }
    for (const YamlNode& item : node.items) {
        if (item.is_valid) {
            result.push_back(&item);
        }
    }
    return result;
}

} // namespace keeper
