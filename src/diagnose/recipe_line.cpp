#include "diagnose/recipe_line.hpp"

#include <algorithm>

#include "diagnose/recipe_text.hpp"

namespace keeper::recipe_line {

namespace {

using recipe_text::base_name;
using recipe_text::words_of;
using Words = std::vector<std::string>;

} // namespace

std::optional<Words::const_iterator> after_ip_mptcp(const Words& words) {
    auto ip = std::find_if(
        words.begin(), words.end(), [](const std::string& word) { return base_name(word) == "ip"; });
    const auto mptcp = std::find(ip, words.end(), "mptcp");
    const bool only_options_between =
        std::all_of(ip == words.end() ? ip : ip + 1, mptcp, [](const std::string& word) {
            return word.starts_with("-");
        });
    return mptcp != words.end() && only_options_between ? std::optional(mptcp + 1) : std::nullopt;
}

bool runs_mptcpize(std::string_view line) {
    const Words words = words_of(line);
    const auto mptcpize = std::find_if(
        words.begin(), words.end(), [](const std::string& word) { return base_name(word) == "mptcpize"; });
    return mptcpize != words.end() && mptcpize + 1 != words.end() && *(mptcpize + 1) == "run";
}

Meaning meaning_of(std::string_view line) {
    const Words words = words_of(line);
    if (after_ip_mptcp(words)) {
        return {Deed::setup, "calls `ip mptcp`: the sections limits and endpoints have that"};
    }
    const auto has = [&](std::string_view name) {
        return std::any_of(
            words.begin(), words.end(), [&](const std::string& word) { return base_name(word) == name; });
    };
    if (line.find("libmptcpwrap") != std::string_view::npos) {
        return {
            Deed::program,
            "makes a program use MPTCP, as `mptcpize enable` does: applications.units has that"};
    }
    if (runs_mptcpize(line)) {
        return {Deed::program, "starts a program through mptcpize: applications.units has that"};
    }
    if ((has("stap") || has("staprun")) && line.find("mptcp") != std::string_view::npos) {
        return {
            Deed::every_program,
            "runs SystemTap to make all programs use MPTCP: nothing replaces that yet; name the units that "
            "need "
            "MPTCP under applications.units"};
    }
    if (has("sysctl") && line.find("net.mptcp.") != std::string_view::npos) {
        return {Deed::setup, "sets net.mptcp sysctls: the section sysctl has that"};
    }
    if (has("nmcli") && line.find("mptcp-flags") != std::string_view::npos) {
        return {Deed::setup, "sets mptcp-flags by nmcli: the section profiles has that"};
    }
    return {};
}

} // namespace keeper::recipe_line
