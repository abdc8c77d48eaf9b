#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/ownership.hpp"

namespace keeper {

/// Which boot of which kernel this is.
struct BootIdentity {
    std::string boot_id;        ///< /proc/sys/kernel/random/boot_id
    std::string kernel_release; ///< uname -r
};

/// What the keeper remembers, as the text of its state file. Equal values give equal texts.
[[nodiscard]] std::string to_state_text(const Ownership& ownership, const std::string& kernel_release);

/// Reads such a text back. What belongs to an earlier boot (endpoints) or to another kernel release (the
/// size of its endpoint table) is left out; boot_id is that of `now`. Fails on any text that to_state_text
/// could not have written; the message says what is wrong with it, without the file's name. Pure.
[[nodiscard]] Result<Ownership> from_state_text(std::string_view text, const BootIdentity& now);

} // namespace keeper
