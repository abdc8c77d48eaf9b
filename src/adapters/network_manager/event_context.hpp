// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>

#include "adapters/network_manager/glib_ptr.hpp"

namespace keeper {

using Deadline = std::chrono::steady_clock::time_point;

/// A private GMainContext: asynchronous calls made through it complete only inside run_until(), so that
/// neither the caller's main loop nor another thread ever sees them.
class EventContext {
  public:
    EventContext() : context_(g_main_context_new()) {}

    /// Handles events until `done` returns true (true) or the deadline has passed (false).
    [[nodiscard]] bool run_until(const std::function<bool()>& done, Deadline deadline);
    /// Handles events that have already arrived, without waiting.
    void drain();

    /// During its lifetime, asynchronous calls of this thread complete in the context.
    class Scope {
      public:
        explicit Scope(EventContext& context) : context_(context.context_.get()) {
            g_main_context_push_thread_default(context_);
        }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
        ~Scope() { g_main_context_pop_thread_default(context_); }

      private:
        GMainContext* context_;
    };

  private:
    MainContextPtr context_;
};

using Completion = std::function<void(GObject* source, GAsyncResult* result)>;

/// A Completion as user data for on_completion(), which frees it.
[[nodiscard]] gpointer to_user_data(Completion completion);
/// The GAsyncReadyCallback that goes with to_user_data().
void on_completion(GObject* source, GAsyncResult* result, gpointer kept) noexcept;

} // namespace keeper
