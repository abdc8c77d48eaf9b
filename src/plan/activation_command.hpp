#pragma once

#include <string>

#include "model/observed_state.hpp"

namespace keeper {

/// The command that activates the profile anew, to paste into a shell: `nmcli connection up NAME`, by uuid
/// where the name could be mistaken for an option.
[[nodiscard]] std::string activation_command(const Profile& profile);

/// The command that gives the profile these flags and saves it below /etc, also one that lives in memory
/// only. It does not touch the device.
[[nodiscard]] std::string save_command(const Profile& profile, MptcpFlags flags);

} // namespace keeper
