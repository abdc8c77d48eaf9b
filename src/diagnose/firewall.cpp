#include <sstream>
#include <string_view>

#include "diagnose/rules.hpp"

namespace keeper::rules {

namespace {

/// What a line of a ruleset does to the MPTCP option (TCP option 30).
enum class Effect { none, strips, drops };

// Plain searches: a line can be as long as a set of a million addresses, and std::regex recurses.
bool has(const std::string& line, std::string_view text) {
    return line.find(text) != std::string::npos;
}

/// Whether one of the comma-separated numbers behind that option is 30.
bool strips_option_30(const std::string& line) {
    constexpr std::string_view option = "--strip-options ";
    const std::size_t at = line.find(option);
    if (at == std::string::npos) {
        return false;
    }
    const std::size_t start = at + option.size();
    const std::string list = "," + line.substr(start, line.find(' ', start) - start) + ",";
    return has(list, ",30,") || has(list, ",mptcp,");
}

Effect effect_of_nft(const std::string& line) {
    if (has(line, "reset tcp option mptcp") || has(line, "reset tcp option 30")) {
        return Effect::strips;
    }
    const bool matches = has(line, "tcp option mptcp ") || has(line, "tcp option 30 ");
    return matches && (has(line, " drop") || has(line, " reject")) ? Effect::drops : Effect::none;
}

Effect effect_of_iptables(const std::string& line) {
    if (has(line, "-j TCPOPTSTRIP") && strips_option_30(line)) {
        return Effect::strips;
    }
    const bool drops = has(line, "--tcp-option 30 ") && (has(line, "-j DROP") || has(line, "-j REJECT"));
    return drops ? Effect::drops : Effect::none;
}

std::string trimmed(const std::string& line) {
    const std::size_t start = line.find_first_not_of(" \t");
    return start == std::string::npos ? "" : line.substr(start);
}

/// "inet filter" and "output" while the lines of `nft list ruleset` go by.
struct Where {
    std::string table;
    std::string chain;

    void follow(const std::string& line) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "table") {
            std::string family;
            words >> family >> table;
            table = family + " " + table;
        } else if (word == "chain") {
            words >> chain;
        } else if (!word.empty() && word.front() == '*') {
            table = word.substr(1);
        }
    }
};

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
    const std::string subject =
        nft ? "nft table " + where.table + " chain " + where.chain : ruleset.tool + " table " + where.table;
    std::string fix;
    if (nft) {
        const std::string deletes = "nft delete rule " + where.table + " " + where.chain + " handle ";
        fix = handle.empty()
                  ? "nft -a list chain " + where.table + " " + where.chain + "   # then: " + deletes + "N"
                  : deletes + handle;
    } else {
        fix =
            ruleset.tool + " -t " + where.table + " -D" + rule.substr(std::min(rule.size(), std::size_t{2}));
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
    for (const Ruleset& ruleset : facts.rulesets) {
        Where where;
        std::istringstream lines(ruleset.text);
        for (std::string line; std::getline(lines, line);) {
            where.follow(line);
            const std::string rule = trimmed(line);
            const Effect effect = ruleset.tool == "nft" ? effect_of_nft(rule) : effect_of_iptables(rule);
            if (effect != Effect::none) {
                findings.push_back(finding_of(ruleset, where, rule, effect));
            }
        }
    }
    return findings;
}

} // namespace keeper::rules
