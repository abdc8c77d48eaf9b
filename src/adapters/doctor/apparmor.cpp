#include <array>
#include <cerrno>
#include <filesystem>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include "adapters/doctor/gatherers.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"

namespace keeper::gather {

namespace {

constexpr std::size_t most_denials = 1000;
constexpr std::size_t most_records = 100000; ///< the kernel's buffer holds fewer

void keep(const std::string& line, Facts& facts) {
    if (line.find("apparmor=\"DENIED\"") != std::string::npos &&
        facts.apparmor_denials.size() < most_denials) {
        facts.apparmor_denials.push_back(line);
    }
}

/// Each read of /dev/kmsg returns one record.
bool read_kernel_log(Facts& facts) {
    const UniqueFd log(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!log) {
        return false;
    }
    std::array<char, 8192> record{};
    for (std::size_t i = 0; i < most_records; ++i) {
        const ssize_t length = ::read(log.get(), record.data(), record.size());
        if (length < 0 && errno == EPIPE) {
            continue; // overwritten in the meantime: the next one is there
        }
        if (length <= 0) {
            return errno == EAGAIN || length == 0;
        }
        keep(std::string(record.data(), static_cast<std::size_t>(length)), facts);
    }
    return true;
}

} // namespace

void apparmor(Facts& facts) {
    constexpr const char* log = "/var/log/audit/audit.log";
    const auto enabled = read_bounded("/sys/module/apparmor/parameters/enabled", 16);
    if (!enabled || !*enabled || !(*enabled)->starts_with("Y")) {
        return; // nothing can be denied
    }
    if (::access(log, R_OK) == 0) {
        const auto text = read_bounded(log, 64 * 1024 * 1024);
        std::istringstream lines(text && *text ? **text : "");
        for (std::string line; std::getline(lines, line);) {
            keep(line, facts);
        }
    } else if (!read_kernel_log(facts)) {
        facts.skipped.push_back(
            {"AppArmor denials", std::string("cannot read ") + log + " or /dev/kmsg; run as root"});
    }
}

} // namespace keeper::gather
