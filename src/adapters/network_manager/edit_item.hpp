// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/network_manager/bus_error.hpp"
#include "adapters/network_manager/nm_session.hpp"
#include "base/result.hpp"

namespace keeper {

/// A change of one of NetworkManager's objects by several D-Bus calls: `Item`, which derives from this, has
/// start() to begin, and read() to read the object before it writes it. If another program changes the object
/// in between, it is read and written once more. Kept alive by its pending calls.
template <class Item, class Request>
class EditItem : public std::enable_shared_from_this<Item> {
  public:
    using Finished = std::function<void(Result<void>)>;

    EditItem(NmSession& session, std::shared_ptr<Round> round, Request request, Finished finished)
        : session_(session), round_(std::move(round)), request_(std::move(request)),
          finished_(std::move(finished)) {}

  protected:
    /// Calls a method, then handle(Item&, GVariant* reply); an error ends the item as handle_error() does.
    template <class Handle>
    void call(const std::string& path, const Method& method, GVariant* arguments, Handle handle) {
        session_.call(
            *round_, path, method, arguments, [self = this->shared_from_this(), handle](Reply reply) {
                if (reply) {
                    handle(*self, reply->get());
                } else {
                    self->handle_error(*reply.error());
                }
            });
    }

    void handle_error(const GError& error) {
        if (classify(error) == BusFailure::version_mismatch && !std::exchange(retried_, true)) {
            static_cast<Item&>(*this).read();
            return;
        }
        finished_(fail(to_error(context_, error)));
    }

    NmSession& session_;
    std::shared_ptr<Round> round_;
    Request request_;
    Finished finished_;
    std::string context_; ///< what fails, on what; set by start()

  private:
    bool retried_ = false;
};

/// Carries out an Item for each request and returns the results in their order. An item without a result at
/// the round's deadline fails: `unanswered` says what could not be done.
template <class Item, class Request>
[[nodiscard]] std::vector<Result<void>> run_edits(
    NmSession& session,
    const std::shared_ptr<Round>& round,
    const std::vector<Request>& requests,
    const std::string& unanswered) {
    // Shared with pending calls, so that it still exists when they complete late.
    const auto results = std::make_shared<std::vector<std::optional<Result<void>>>>(requests.size());
    const auto start = [&session, round, results, requests](std::size_t index, const auto& done) {
        const auto finished = [results, index, done](Result<void> result) {
            (*results)[index] = std::move(result);
            done();
        };
        std::make_shared<Item>(session, round, requests[index], finished)->start();
    };
    (void)session.run_items(*round, requests.size(), start);
    std::vector<Result<void>> all;
    all.reserve(results->size());
    for (const auto& result : *results) {
        all.push_back(result ? *result : fail(no_answer(unanswered)));
    }
    return all;
}

} // namespace keeper
