// SPDX-License-Identifier: LGPL-2.1-or-later
// Enters a scope as `mptcp-keeper run` does where a program hook is attached, and then executes a program:
//   scope-probe MODULE PROGRAM [ARGUMENT]...
// The first line on standard error is the error of enter_scope(), or "in effect".
#include <iostream>

#include <unistd.h>

#include "adapters/on_demand/on_demand_scopes.hpp"

int main(int argc, char** argv) {
    if (argc < 3) {
        return 64;
    }
    keeper::OnDemandServices services(argv[1]);
    keeper::OnDemandScopes scopes(services, false);
    const auto entered = scopes.enter_scope(argv[2]);
    std::cerr << (entered ? "in effect" : entered.error().message) << std::endl;
    execvp(argv[2], argv + 2);
    return 127;
}
