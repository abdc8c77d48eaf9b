// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/exit_code.hpp"

namespace keeper::cli {

ExitCode exit_code_of(const Error& error) {
    return error.kind == ErrorKind::not_permitted ? ExitCode::not_permitted : ExitCode::failed;
}

} // namespace keeper::cli
