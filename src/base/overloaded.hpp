// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace keeper {

/// Combines function objects into a visitor for std::visit(). Without a catch-all, an alternative that none
/// of them accepts is a compile error.
template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

} // namespace keeper
