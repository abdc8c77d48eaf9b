// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace keeper {

/// The absolute path of the module: OnDemandServices.
extern const char* const module_path;

} // namespace keeper
