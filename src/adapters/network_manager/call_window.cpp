// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/call_window.hpp"

#include <utility>

namespace keeper {

std::shared_ptr<CallWindow> CallWindow::open(std::size_t count, std::size_t width, Start start) {
    std::shared_ptr<CallWindow> window(new CallWindow(count, width, std::move(start)));
    window->fill();
    return window;
}

void CallWindow::fill() {
    // An item may end before start_ returns; without this guard such items would recurse.
    if (filling_) {
        return;
    }
    filling_ = true;
    while (next_ < count_ && under_way_ < width_) {
        ++under_way_;
        start_(next_++, [self = shared_from_this()] {
            --self->under_way_;
            self->fill();
        });
    }
    filling_ = false;
}

} // namespace keeper
