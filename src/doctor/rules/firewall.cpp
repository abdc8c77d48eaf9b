// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "base/text/lines.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

/// What a line of a ruleset does to the MPTCP option (TCP option 30).
enum class Effect { none, strips, drops };

using Tokens = std::vector<std::string_view>;
using Token = Tokens::const_iterator;

/// The tokens of a rule, without quoted text (comments, log prefixes) and without anything after "#". The
/// braces, commas and colons of sets and maps separate tokens too.
Tokens tokens_of(std::string_view rule) {
    constexpr std::string_view separators = " \t,:{}";
    Tokens tokens;
    std::size_t at = 0;
    while ((at = rule.find_first_not_of(separators, at)) != std::string_view::npos && rule[at] != '#') {
        std::size_t end = 0;
        if (rule[at] == '"') {
            end = rule.find('"', at + 1);
            end = end == std::string_view::npos ? rule.size() : end + 1;
        } else {
            end = std::min(rule.find_first_of(separators, at), rule.size());
            tokens.push_back(rule.substr(at, end - at));
        }
        at = end;
    }
    return tokens;
}

/// The token after the first occurrence of the phrase; the end if there is none.
Token after_phrase(Token from, const Tokens& tokens, std::initializer_list<std::string_view> phrase) {
    const auto found = std::search(from, tokens.end(), phrase.begin(), phrase.end());
    return found == tokens.end() ? tokens.end() : found + static_cast<std::ptrdiff_t>(phrase.size());
}

bool has(const Tokens& tokens, std::string_view token) {
    return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

bool has_target(const Tokens& tokens, std::string_view target) {
    const auto phrase = {std::string_view("-j"), target};
    return std::search(tokens.begin(), tokens.end(), phrase.begin(), phrase.end()) != tokens.end();
}

bool is_option_30(std::string_view token) {
    return token == "mptcp" || token == "30";
}

Effect effect_of_nft(const Tokens& tokens) {
    bool matches = false;
    for (Token at = after_phrase(tokens.begin(), tokens, {"tcp", "option"}); at != tokens.end();
         at = after_phrase(at, tokens, {"tcp", "option"})) {
        const bool is_last = at + 1 == tokens.end();
        if (!is_option_30(*at) || (!is_last && *(at + 1) == "missing")) {
            continue;
        }
        if (at - tokens.begin() > 2 && *(at - 3) == "reset") {
            return Effect::strips;
        }
        matches = matches || !is_last;
    }
    return matches && (has(tokens, "drop") || has(tokens, "reject")) ? Effect::drops : Effect::none;
}

Effect effect_of_iptables(const Tokens& tokens) {
    if (has_target(tokens, "TCPOPTSTRIP")) {
        const Token list = after_phrase(tokens.begin(), tokens, {"--strip-options"});
        const Token end =
            std::find_if(list, tokens.end(), [](std::string_view token) { return token.starts_with('-'); });
        return std::any_of(list, end, is_option_30) ? Effect::strips : Effect::none;
    }
    const Token option = after_phrase(tokens.begin(), tokens, {"--tcp-option"});
    const bool matches =
        option != tokens.end() && *option == "30" && (option - tokens.begin() < 2 || *(option - 2) != "!");
    const bool drops = has_target(tokens, "DROP") || has_target(tokens, "REJECT");
    return matches && drops ? Effect::drops : Effect::none;
}

/// Checks for the text first: most rules concern something else, and one may hold a set of a million
/// addresses.
Effect effect_of(const std::string& tool, const std::string& rule) {
    const auto mentions = [&](const char* text) { return rule.find(text) != std::string::npos; };
    if (tool == "nft") {
        return mentions("tcp option") ? effect_of_nft(tokens_of(rule)) : Effect::none;
    }
    return mentions("TCPOPTSTRIP") || mentions("--tcp-option") ? effect_of_iptables(tokens_of(rule))
                                                               : Effect::none;
}

/// The current table and chain while reading `nft list ruleset` or iptables-save(8): "inet filter", "output".
struct RuleLocation {
    std::string table;
    std::string chain;

    void update(const std::string& tool, std::string_view line) {
        std::string_view rest = line;
        const std::string_view word = take_word(rest);
        if (word == "table") {
            table = take_word(rest);
            table.append(" ").append(take_word(rest));
        } else if (word == "chain" || word == "-A") {
            chain = take_word(rest);
        } else if (!word.empty() && word.front() == '*') {
            table = tool == "ip6tables" ? "ip6 " : "ip ";
            table += word.substr(1);
        }
    }
};

/// Calls `use(where, rule, effect)` for each rule with an effect on the option.
template <class Use>
void for_each_effective(const Ruleset& ruleset, Use use) {
    RuleLocation where;
    for (std::string_view rest = ruleset.text; !rest.empty();) {
        const std::string_view line = take_line(rest);
        where.update(ruleset.tool, line);
        const std::string rule(trimmed(line));
        if (const Effect effect = effect_of(ruleset.tool, rule); effect != Effect::none) {
            use(where, rule, effect);
        }
    }
}

/// What both tools show of the same rule.
using Rule = std::tuple<std::string, std::string, Effect>;

/// A rule of `nft -a list ruleset` and its handle, which is needed to delete it; "" if there is none.
std::pair<std::string, std::string> split_handle(const std::string& line) {
    constexpr std::string_view mark = " # handle ";
    const std::size_t at = line.rfind(mark);
    return at == std::string::npos ? std::pair{line, std::string()}
                                   : std::pair{line.substr(0, at), line.substr(at + mark.size())};
}

Finding
finding_of(const Ruleset& ruleset, const RuleLocation& where, const std::string& line, Effect effect) {
    const bool nft = ruleset.tool == "nft";
    const auto [rule, handle] = nft ? split_handle(line) : std::pair{line, std::string()};
    const std::string table = where.table.substr(where.table.find(' ') + 1); // without the family
    const std::string subject =
        (nft ? "nft table " + where.table : ruleset.tool + " table " + table) + " chain " + where.chain;
    std::string fix;
    if (nft) {
        const std::string deletes = "nft delete rule " + where.table + " " + where.chain + " handle ";
        fix = handle.empty()
                  ? "nft -a list chain " + where.table + " " + where.chain + "   # then: " + deletes + "N"
                  : deletes + handle;
    } else {
        fix = ruleset.tool + " -t " + table + " -D" + rule.substr(std::min(rule.size(), std::size_t{2}));
    }
    return {
        .code =
            effect == Effect::strips ? FindingCode::firewall_strips_mptcp : FindingCode::firewall_drops_join,
        .severity = Severity::error,
        .subject = subject,
        .evidence =
            "`" + rule + "` " +
            (effect == Effect::strips ? "removes the MPTCP option from packets: connections fall back to TCP"
                                      : "drops packets with the MPTCP option: subflows cannot be created, or "
                                        "connections succeed only once their SYN is sent again without it"),
        .fix = fix};
}

} // namespace

Findings firewall(const Facts& facts) {
    Findings findings;
    std::set<Rule> found_by_iptables;
    // nft lists the rules of iptables-nft as well: report these once, as iptables shows them.
    for (const bool is_nft : {false, true}) {
        for (const Ruleset& ruleset : facts.rulesets) {
            if ((ruleset.tool == "nft") != is_nft) {
                continue;
            }
            for_each_effective(
                ruleset, [&](const RuleLocation& where, const std::string& line, Effect effect) {
                    const Rule rule{where.table, where.chain, effect};
                    if (!is_nft) {
                        found_by_iptables.insert(rule);
                    }
                    if (!is_nft || !found_by_iptables.contains(rule)) {
                        findings.push_back(finding_of(ruleset, where, line, effect));
                    }
                });
        }
    }
    return findings;
}

} // namespace keeper::rules
