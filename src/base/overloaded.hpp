#pragma once

namespace keeper {

/// Function objects as one visitor for std::visit(). Without a catch-all among them, an alternative that none
/// of them accepts does not compile.
template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

} // namespace keeper
