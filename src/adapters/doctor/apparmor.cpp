#include <algorithm>
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

constexpr std::size_t most_lines = 5000;     ///< the newest are kept
constexpr std::size_t most_records = 100000; ///< the kernel's buffer holds fewer
constexpr std::size_t largest_profile = 256 * 1024;

void keep(const std::string& line, Facts& facts) {
    if (line.find("apparmor=\"DENIED\"") != std::string::npos ||
        line.find("apparmor=\"STATUS\"") != std::string::npos) {
        facts.apparmor_log.push_back(line);
    }
}

/// Each read of /dev/kmsg returns one record: numbers up to a semicolon, the line, and lines that say where
/// it is from.
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
        const std::string text(record.data(), static_cast<std::size_t>(length));
        const std::size_t start = text.find(';') + 1; // 0 where there is none
        keep(text.substr(start, text.find('\n', start) - start), facts);
    }
    return true;
}

std::vector<HostFile> read_profiles() {
    std::vector<HostFile> profiles;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/etc/apparmor.d", error), end; !error && entry != end;
         entry.increment(error)) {
        if (auto text = read_bounded(entry->path(), largest_profile); text && *text) {
            profiles.push_back({entry->path(), std::move(**text)});
        }
    }
    std::sort(profiles.begin(), profiles.end(), [](const HostFile& one, const HostFile& other) {
        return one.path < other.path;
    });
    return profiles;
}

} // namespace

/// Both logs, since auditd may have started late or have been removed.
void apparmor(Facts& facts) {
    constexpr const char* log = "/var/log/audit/audit.log";
    const auto enabled = read_bounded("/sys/module/apparmor/parameters/enabled", 16);
    if (!enabled || !*enabled || !(*enabled)->starts_with("Y")) {
        return; // nothing can be denied
    }
    const auto text = read_bounded(log, 64 * 1024 * 1024);
    std::istringstream lines(text && *text ? **text : "");
    for (std::string line; std::getline(lines, line);) {
        keep(line, facts);
    }
    if (!read_kernel_log(facts) && !(text && *text)) {
        facts.skipped.push_back(
            {"AppArmor denials", std::string("cannot read ") + log + " or /dev/kmsg; run as root"});
    }
    if (facts.apparmor_log.size() > most_lines) {
        facts.apparmor_log.erase(
            facts.apparmor_log.begin(), facts.apparmor_log.end() - static_cast<std::ptrdiff_t>(most_lines));
    }
    if (!facts.apparmor_log.empty()) {
        facts.apparmor_profiles = read_profiles();
    }
}

} // namespace keeper::gather
