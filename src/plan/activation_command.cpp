// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/activation_command.hpp"

#include "base/text/printable.hpp"
#include "base/text/shell_word.hpp"

namespace keeper {

namespace {

std::string nmcli_name(const Profile& profile) {
    // nmcli accepts these words, in full or shortened, before the name.
    const bool is_ambiguous = profile.name.empty() || profile.name.front() == '-' || profile.name == "id" ||
                              profile.name == "uuid" || profile.name == "path" || profile.name == "ifname" ||
                              profile.name == "help" || printable(profile.name) != profile.name;
    return is_ambiguous ? "uuid " + profile.uuid : shell_word(profile.name);
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
