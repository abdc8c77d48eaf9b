// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/event_context.hpp"

#include <memory>

namespace keeper {

namespace {

gboolean keep_source(gpointer) noexcept {
    return G_SOURCE_CONTINUE;
}

/// Wakes the context at the deadline, so that a blocking iteration ends.
SourcePtr deadline_source(GMainContext* context, std::chrono::steady_clock::duration after) {
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(after).count();
    SourcePtr source(g_timeout_source_new(static_cast<guint>(milliseconds > 0 ? milliseconds : 0)));
    g_source_set_callback(source.get(), keep_source, nullptr, nullptr);
    g_source_attach(source.get(), context);
    return source;
}

} // namespace

bool EventContext::run_until(const std::function<bool()>& done, Deadline deadline) {
    if (done()) {
        return true;
    }
    const SourcePtr wake = deadline_source(context_.get(), deadline - std::chrono::steady_clock::now());
    while (!done()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        g_main_context_iteration(context_.get(), TRUE);
    }
    return true;
}

void EventContext::drain() {
    // Bounded, since a busy bus could keep this loop running forever.
    for (int i = 0; i < 10000 && g_main_context_iteration(context_.get(), FALSE) != FALSE; ++i) {
    }
}

gpointer to_user_data(Completion completion) {
    return std::make_unique<Completion>(std::move(completion)).release();
}

void on_completion(GObject* source, GAsyncResult* result, gpointer kept) noexcept {
    const std::unique_ptr<Completion> completion(static_cast<Completion*>(kept));
    try {
        (*completion)(source, result);
    } catch (...) {
        // Only lack of memory can throw here. The caller is C code, so the exception must not leave this
        // function; the item stays unanswered and ends at its deadline.
    }
}

} // namespace keeper
