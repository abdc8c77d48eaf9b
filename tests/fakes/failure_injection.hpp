// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace keeper::fake {

/// Records the writes of a fake and lets a test make some of them fail. A write is named by its operation and
/// object: "add 198.51.100.1", "remove 198.51.100.1", "set-flags 198.51.100.1:4000",
/// "set-limits", "write enabled", "store UUID", "reapply INTERFACE".
class FailureInjection {
  public:
    /// Called before each write; an Error makes the write fail and change nothing.
    std::function<std::optional<Error>(std::string_view write)> before_write;

    /// All requested writes in order, including failed ones.
    [[nodiscard]] const std::vector<std::string>& writes() const { return writes_; }
    void forget_writes() { writes_.clear(); }

    /// The nth write from now on (1 is the next one) fails, once.
    void fail_write(std::size_t nth, Error error = {ErrorKind::failed, "injected failure"}) {
        before_write = [left = nth,
                        error = std::move(error)](std::string_view) mutable -> std::optional<Error> {
            if (left == 0 || --left > 0) {
                return std::nullopt;
            }
            return error;
        };
    }
    /// Every write with exactly this name fails.
    void fail_write_of(std::string name, Error error = {ErrorKind::failed, "injected failure"}) {
        before_write = [name = std::move(name),
                        error = std::move(error)](std::string_view write) -> std::optional<Error> {
            return write == name ? std::optional<Error>(error) : std::nullopt;
        };
    }

  protected:
    [[nodiscard]] Result<void> record(std::string write) {
        writes_.push_back(std::move(write));
        if (before_write) {
            if (auto error = before_write(writes_.back())) {
                return tl::unexpected<Error>(std::move(*error));
            }
        }
        return {};
    }

  private:
    std::vector<std::string> writes_;
};

} // namespace keeper::fake
