// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "model/desired_state.hpp"

namespace keeper {

/// The value of the key `version`, the only one that there is.
inline constexpr int config_version = 1;

/// The merged configuration as JSON on one line, without positions. Two configurations have the same text
/// exactly if they have the same meaning, however they are spelled and divided into files: keys are sorted,
/// lists whose order has no meaning are sorted and have no duplicates, and values that are equal to their
/// default are left out, so that keys of later releases do not change the text of existing configurations.
[[nodiscard]] std::string canonical_text(const DesiredState& desired);

/// "sha256:" and the SHA-256 digest of canonical_text() as 64 hexadecimal digits.
[[nodiscard]] std::string config_hash(const DesiredState& desired);

/// The first 12 digits, for text that people read; "" for an empty hash.
[[nodiscard]] std::string short_hash(std::string_view hash);

} // namespace keeper
