#include "plan/activation_command.hpp"

#include <algorithm>
#include <string_view>

#include "base/text/printable.hpp"

namespace keeper {

namespace {

bool is_plain(char character) {
    constexpr std::string_view others = "_-.:@%+,/";
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || others.find(character) != std::string_view::npos;
}

std::string shell_quoted(const std::string& text) {
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) {
        return text;
    }
    std::string result = "'";
    for (const char character : text) {
        result += character == '\'' ? std::string("'\\''") : std::string(1, character);
    }
    return result + "'";
}

std::string nmcli_name(const Profile& profile) {
    // nmcli takes these words, in full or shortened, before the name. A name that cannot be printed cannot be
    // pasted.
    const bool is_ambiguous = profile.name.empty() || profile.name.front() == '-' || profile.name == "id" ||
                              profile.name == "uuid" || profile.name == "path" || profile.name == "ifname" ||
                              profile.name == "help";
    return is_ambiguous ? "uuid " + profile.uuid : shell_quoted(profile.name);
}

} // namespace

std::string activation_command(const Profile& profile) {
    return "nmcli connection up " + nmcli_name(profile);
}

std::string save_command(const Profile& profile, MptcpFlags flags) {
    return "nmcli connection modify " + nmcli_name(profile) + " connection.mptcp-flags " +
           (flags.empty() ? "0" : to_string(flags));
}

} // namespace keeper
