// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/grammar/grammar.hpp"

namespace keeper {

/// The grammar of the section `sysctl`, generated from the table of known sysctls.
[[nodiscard]] Spec sysctl_spec();

} // namespace keeper
