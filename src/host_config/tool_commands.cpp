// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/tool_commands.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text/digits.hpp"
#include "base/text/trim.hpp"
#include "model/ip_address.hpp"

namespace keeper::tool_commands {

namespace {

using shell::is_known;
using Kind = Statement::Kind;

void add_endpoint(Word word, Word end, CommandMeaning& meaning) {
    Statement endpoint{.kind = Kind::endpoint};
    for (; word != end; ++word) {
        const bool has_value = word + 1 != end;
        if (const auto flag = parse_endpoint_flag(*word)) {
            endpoint.flags = endpoint.flags.with(*flag);
        } else if (abbreviates(*word, "dev") && has_value) {
            endpoint.interface = *++word;
        } else if (abbreviates(*word, "port") && has_value) {
            ++word;
            std::from_chars(word->data(), word->data() + word->size(), endpoint.port);
        } else if (abbreviates(*word, "id") && has_value) {
            ++word;
        } else if (endpoint.name.empty()) {
            endpoint.name = *word;
        }
    }
    endpoint.is_known = IpAddress::parse(endpoint.name).has_value() && is_known(endpoint.interface);
    meaning.statements.push_back(endpoint);
}

void add_limits(Word word, Word end, CommandMeaning& meaning) {
    for (; word != end && word + 1 != end; ++word) {
        for (const std::string_view name : {"subflows", "add_addr_accepted"}) {
            if (abbreviates(*word, name)) {
                const std::string& value = *(word + 1);
                meaning.statements.push_back(
                    {.kind = Kind::limit,
                     .name = std::string(name),
                     .value = value,
                     .is_known = is_all_digits(value)});
                ++word;
                break;
            }
        }
    }
}

/// Whether it is connection.mptcp-flags, perhaps abbreviated as nmcli accepts it, or with a leading "+" or
/// "-".
bool is_flags_property(std::string_view word) {
    word.remove_prefix(word.starts_with("+") || word.starts_with("-") ? 1 : 0);
    const std::size_t dot = word.find('.');
    return dot != std::string_view::npos && abbreviates(word.substr(0, dot), "connection") &&
           abbreviates(word.substr(dot + 1), "mptcp-flags", 2);
}

} // namespace

bool abbreviates(std::string_view word, std::string_view whole, std::size_t shortest) {
    return word.size() >= shortest && whole.starts_with(word);
}

void read_ip_mptcp(Word word, Word end, CommandMeaning& meaning) {
    if (end - word < 2) {
        return;
    }
    const std::string& object = *word++;
    const std::string& verb = *word++;
    if (abbreviates(object, "limits") && abbreviates(verb, "set", 2)) {
        add_limits(word, end, meaning);
    } else if (abbreviates(object, "endpoint") && abbreviates(verb, "add")) {
        add_endpoint(word, end, meaning);
    } else if (
        abbreviates(object, "endpoint") &&
        (abbreviates(verb, "delete") || abbreviates(verb, "flush") || abbreviates(verb, "change"))) {
        meaning.statements.push_back(
            {.kind = Kind::endpoint_edit, .name = abbreviates(verb, "flush") ? "flush" : ""});
    } else if (!is_known(object) || !is_known(verb)) {
        meaning.statements.push_back({.kind = Kind::endpoint_edit, .is_known = false});
    }
}

CommandMeaning read_sysctl(Word word, Word end) {
    CommandMeaning meaning;
    bool loads = false;
    for (; word != end; ++word) {
        const std::size_t equals = word->find('=');
        if (word->starts_with("--load=")) {
            meaning.starts.push_back(word->substr(equals + 1));
        } else if (word->starts_with("-")) {
            loads |= word->starts_with("-") && !word->starts_with("--") &&
                     word->find_first_of("pf") != std::string::npos;
        } else if (equals != std::string::npos) {
            const std::string name = mptcp_sysctl_name(std::string_view(*word).substr(0, equals));
            if (name.empty()) {
                meaning.has_other_effects = true;
                continue;
            }
            const std::string value(trimmed(std::string_view(*word).substr(equals + 1)));
            meaning.statements.push_back(
                {.kind = Kind::sysctl,
                 .name = name,
                 .value = value,
                 .is_known = is_known(value) && is_known(name)});
        } else if (loads) {
            meaning.starts.push_back(*word);
        }
    }
    return meaning;
}

CommandMeaning read_nmcli(Word word, Word end) {
    CommandMeaning meaning;
    static const std::set<std::string> with_value = {"-g", "-f", "-m", "-c", "-e", "-w"};
    for (; word != end && word->starts_with("-"); ++word) {
        if (with_value.count(*word) != 0 && word + 1 != end) {
            ++word;
        }
    }
    if (end - word < 2) {
        return meaning;
    }
    const std::string& verb = *(word + 1);
    const bool writes = abbreviates(verb, "modify") || abbreviates(verb, "add");
    int others = 0;
    bool sets_flags = false;
    for (Word one = word + 2; one != end; ++one) {
        const bool is_property = one->find('.') != std::string::npos && one + 1 != end;
        if (writes && is_flags_property(*one) && one + 1 != end) {
            meaning.statements.push_back(
                {.kind = Kind::profile, .value = *(one + 1), .is_known = is_known(*(one + 1))});
            sets_flags = true;
            ++one;
        } else {
            others += is_property && one > word + 3 ? 1 : 0;
        }
    }
    meaning.has_other_effects = !sets_flags || others > 0 || abbreviates(verb, "add");
    return meaning;
}

} // namespace keeper::tool_commands

namespace keeper {

std::string mptcp_sysctl_name(std::string_view name) {
    constexpr std::string_view folder = "net.mptcp.";
    std::string dotted(trimmed(name));
    std::replace(dotted.begin(), dotted.end(), '/', '.');
    return dotted.starts_with(folder) ? dotted.substr(folder.size()) : "";
}

} // namespace keeper
