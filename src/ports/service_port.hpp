#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace keeper {

/// The service manager, as a daemon sees it.
class ServicePort {
  public:
    virtual ~ServicePort() = default;
    /// Start-up is over; `status` is for a person.
    virtual void ready(const std::string& status) = 0;
    virtual void reloading() = 0;
    virtual void stopping() = 0;
    /// Text for a person, and a sign of life.
    virtual void alive(const std::string& status) = 0;
    /// How often a sign of life is wanted at least; nothing where nobody waits for one.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> watchdog() = 0;
};

} // namespace keeper
