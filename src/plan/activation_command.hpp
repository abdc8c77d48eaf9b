#pragma once

#include <string>

#include "model/observed_state.hpp"

namespace keeper {

/// The command that activates the profile anew, to paste into a shell: `nmcli connection up NAME`, by uuid
/// where the name could be mistaken for an option.
[[nodiscard]] std::string activation_command(const Profile& profile);

} // namespace keeper
