// SPDX-License-Identifier: LGPL-2.1-or-later
#include "module_path.hpp"

const char* const keeper::module_path = KEEPER_MODULE;
