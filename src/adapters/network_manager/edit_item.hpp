// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/network_manager/bus_error.hpp"
#include "adapters/network_manager/nm_objects.hpp"
#include "adapters/network_manager/system_bus.hpp"
#include "base/result.hpp"

namespace keeper {

/// A change of one of NetworkManager's objects by several D-Bus calls: `Item`, which derives from this, has
/// start() to begin, and read() to read the object before it writes it. If another program changes the object
/// in between, it is read and written once more. Kept alive by its pending calls.
template <class Item, class Request>
class EditItem : public std::enable_shared_from_this<Item> {
  public:
    using Finished = std::function<void(Result<void>)>;

    EditItem(SystemBus& bus, NmObjects& objects, Request request, Finished finished)
        : bus_(bus), objects_(objects), request_(std::move(request)), finished_(std::move(finished)) {}

  protected:
    template <class... Arguments>
    [[nodiscard]] MessagePtr
    new_call(const std::string& path, const Method& method, const Arguments&... arguments) {
        return bus_.new_call(objects_.owner, path, method, arguments...);
    }

    /// Sends a call, then handle(Item&, reply); an error ends the item as handle_error() does.
    template <class Handle>
    void call(MessagePtr message, Handle handle) {
        bus_.call(std::move(message), [self = this->shared_from_this(), handle](const Reply& reply) {
            if (reply) {
                handle(*self, *reply);
            } else {
                self->handle_error(reply.error());
            }
        });
    }

    void handle_error(const BusError& error) {
        if (classify(error) == BusFailure::version_mismatch && !std::exchange(retried_, true)) {
            static_cast<Item&>(*this).read();
            return;
        }
        finish(fail(to_error(context_, error)));
    }

    /// The first result counts.
    void finish(Result<void> result) {
        if (finished_) {
            std::exchange(finished_, nullptr)(std::move(result));
        }
    }

    [[nodiscard]] bool is_finished() const { return !finished_; }

    SystemBus& bus_;
    NmObjects& objects_;
    Request request_;
    std::string context_; ///< what fails, on what; set by start()

  private:
    Finished finished_;
    bool retried_ = false;
};

/// Carries out an Item for each request and returns the results in their order. An item without a result at
/// the deadline fails: `unanswered` says what could not be done.
template <class Item, class Request>
[[nodiscard]] std::vector<Result<void>> run_edits(
    SystemBus& bus,
    NmObjects& objects,
    const std::vector<Request>& requests,
    const std::string& unanswered,
    Deadline deadline) {
    std::vector<std::optional<Result<void>>> results(requests.size());
    const auto start = [&](std::size_t index, const CallWindow::Finished& done) {
        const auto finished = [&results, index, done](Result<void> result) {
            results[index] = std::move(result);
            done();
        };
        std::make_shared<Item>(bus, objects, requests[index], finished)->start();
    };
    (void)bus.run_items(requests.size(), start, deadline);
    std::vector<Result<void>> all;
    all.reserve(results.size());
    for (const auto& result : results) {
        all.push_back(result ? *result : fail(no_answer(unanswered)));
    }
    return all;
}

} // namespace keeper
