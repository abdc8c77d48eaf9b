// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/observed_state.hpp"

namespace keeper {

/// The shell command that activates the profile again: `nmcli connection up NAME`, by uuid if nmcli could
/// take the name for an option.
[[nodiscard]] std::string activation_command(const Profile& profile);

/// The shell command that sets the profile's flags and saves it in /etc, even if it is in memory only. It
/// does not touch the device.
[[nodiscard]] std::string save_command(const Profile& profile, MptcpFlags flags);

} // namespace keeper
