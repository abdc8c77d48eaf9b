#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>
#include <tuple>

#include "base/text/text.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

namespace {

/// What a line of a ruleset does to the MPTCP option (TCP option 30).
enum class Effect { none, strips, drops };

using Words = std::vector<std::string_view>;
using Word = Words::const_iterator;

/// The words of a rule, without what stands in quotation marks (comments, prefixes of a log) and behind "#".
/// Braces, commas and colons of a set or a map separate words, too.
Words words_of(std::string_view rule) {
    constexpr std::string_view separators = " \t,:{}";
    Words words;
    std::size_t at = 0;
    while ((at = rule.find_first_not_of(separators, at)) != std::string_view::npos && rule[at] != '#') {
        std::size_t end = 0;
        if (rule[at] == '"') {
            end = rule.find('"', at + 1);
            end = end == std::string_view::npos ? rule.size() : end + 1;
        } else {
            end = std::min(rule.find_first_of(separators, at), rule.size());
            words.push_back(rule.substr(at, end - at));
        }
        at = end;
    }
    return words;
}

/// The place behind the words where they stand one after the other from there on; the end where they do not.
Word behind(Word from, const Words& words, std::initializer_list<std::string_view> phrase) {
    const auto found = std::search(from, words.end(), phrase.begin(), phrase.end());
    return found == words.end() ? words.end() : found + static_cast<std::ptrdiff_t>(phrase.size());
}

bool has(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool has_target(const Words& words, std::string_view target) {
    const auto phrase = {std::string_view("-j"), target};
    return std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end();
}

bool is_option_30(std::string_view word) {
    return word == "mptcp" || word == "30";
}

Effect effect_of_nft(const Words& words) {
    bool matches = false;
    for (Word at = behind(words.begin(), words, {"tcp", "option"}); at != words.end();
         at = behind(at, words, {"tcp", "option"})) {
        const bool is_last = at + 1 == words.end();
        if (!is_option_30(*at) || (!is_last && *(at + 1) == "missing")) {
            continue;
        }
        if (at - words.begin() > 2 && *(at - 3) == "reset") {
            return Effect::strips;
        }
        matches = matches || !is_last;
    }
    return matches && (has(words, "drop") || has(words, "reject")) ? Effect::drops : Effect::none;
}

Effect effect_of_iptables(const Words& words) {
    if (has_target(words, "TCPOPTSTRIP")) {
        const Word list = behind(words.begin(), words, {"--strip-options"});
        const Word end =
            std::find_if(list, words.end(), [](std::string_view word) { return word.starts_with('-'); });
        return std::any_of(list, end, is_option_30) ? Effect::strips : Effect::none;
    }
    const Word option = behind(words.begin(), words, {"--tcp-option"});
    const bool matches =
        option != words.end() && *option == "30" && (option - words.begin() < 2 || *(option - 2) != "!");
    const bool drops = has_target(words, "DROP") || has_target(words, "REJECT");
    return matches && drops ? Effect::drops : Effect::none;
}

/// Most lines are about something else, and one can be as long as a set of a million addresses.
Effect effect_of(const std::string& tool, const std::string& rule) {
    const auto mentions = [&](const char* text) { return rule.find(text) != std::string::npos; };
    if (tool == "nft") {
        return mentions("tcp option") ? effect_of_nft(words_of(rule)) : Effect::none;
    }
    return mentions("TCPOPTSTRIP") || mentions("--tcp-option") ? effect_of_iptables(words_of(rule))
                                                               : Effect::none;
}

/// "inet filter" and "output" while the lines of `nft list ruleset` or iptables-save(8) go by.
struct Where {
    std::string table;
    std::string chain;

    void follow(const std::string& tool, const std::string& line) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "table") {
            std::string family;
            words >> family >> table;
            table = family + " " + table;
        } else if (word == "chain" || word == "-A") {
            words >> chain;
        } else if (!word.empty() && word.front() == '*') {
            table = (tool == "ip6tables" ? "ip6 " : "ip ") + word.substr(1);
        }
    }
};

/// Calls `use(where, rule, effect)` for every rule that does something to the option.
template <class Use>
void for_each_effective(const Ruleset& ruleset, Use use) {
    Where where;
    std::istringstream lines(ruleset.text);
    for (std::string line; std::getline(lines, line);) {
        where.follow(ruleset.tool, line);
        const std::string rule(trimmed(line));
        if (const Effect effect = effect_of(ruleset.tool, rule); effect != Effect::none) {
            use(where, rule, effect);
        }
    }
}

/// As much of a rule as both tools tell alike.
using Rule = std::tuple<std::string, std::string, Effect>;

/// A rule of `nft -a list ruleset` and the number behind it, which deletes it; "" where there is none.
std::pair<std::string, std::string> split_handle(const std::string& line) {
    constexpr std::string_view mark = " # handle ";
    const std::size_t at = line.rfind(mark);
    return at == std::string::npos ? std::pair{line, std::string()}
                                   : std::pair{line.substr(0, at), line.substr(at + mark.size())};
}

Finding finding_of(const Ruleset& ruleset, const Where& where, const std::string& line, Effect effect) {
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
        effect == Effect::strips ? FindingCode::firewall_strips_mptcp : FindingCode::firewall_drops_join,
        Severity::error,
        subject,
        "`" + rule + "` " +
            (effect == Effect::strips
                 ? "removes the MPTCP option from packets: connections fall back to TCP"
                 : "drops packets with the MPTCP option: subflows cannot be made, or connections only after "
                   "their SYN was repeated without it"),
        fix};
}

} // namespace

Findings firewall(const Facts& facts) {
    Findings findings;
    std::set<Rule> by_iptables;
    // nft lists what iptables-nft has made once more: iptables' own words and fix are told.
    for (const bool is_nft : {false, true}) {
        for (const Ruleset& ruleset : facts.rulesets) {
            if ((ruleset.tool == "nft") != is_nft) {
                continue;
            }
            for_each_effective(ruleset, [&](const Where& where, const std::string& line, Effect effect) {
                const Rule rule{where.table, where.chain, effect};
                if (!is_nft) {
                    by_iptables.insert(rule);
                }
                if (!is_nft || !by_iptables.contains(rule)) {
                    findings.push_back(finding_of(ruleset, where, line, effect));
                }
            });
        }
    }
    return findings;
}

} // namespace keeper::rules
