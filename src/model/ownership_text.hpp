// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/ownership.hpp"

namespace keeper {

/// Identifies the current boot and kernel.
struct BootIdentity {
    std::string boot_id;        ///< /proc/sys/kernel/random/boot_id
    std::string kernel_release; ///< uname -r
};

/// The text of the state file. Equal values give equal texts.
[[nodiscard]] std::string to_state_text(const Ownership& ownership, const std::string& kernel_release);

/// Parses such a text. Records of an earlier boot (endpoints) or of another kernel release (the size of its
/// endpoint table) are left out; boot_id becomes that of `now`. Fails for any text that to_state_text() could
/// not have written; the message says what is wrong, without the name of the file. Pure.
[[nodiscard]] Result<Ownership> from_state_text(std::string_view text, const BootIdentity& now);

} // namespace keeper
