// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "adapters/doctor/gatherers.hpp"
#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/text/lines.hpp"

namespace keeper::gather {

namespace {

constexpr std::size_t max_lines = 5000;     ///< keeps the newest
constexpr std::size_t max_records = 100000; ///< the kernel's buffer holds fewer

void keep(std::string_view line, Facts& facts) {
    if (line.find("apparmor=\"DENIED\"") != std::string_view::npos ||
        line.find("apparmor=\"STATUS\"") != std::string_view::npos) {
        facts.apparmor_log.emplace_back(line);
    }
}

/// Each read of /dev/kmsg returns one record: numbers up to a semicolon, the line, and lines about its
/// origin.
bool read_kernel_log(Facts& facts) {
    const UniqueFd log(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!log) {
        return false;
    }
    std::array<char, 8192> record{};
    for (std::size_t i = 0; i < max_records; ++i) {
        const ssize_t length = ::read(log.get(), record.data(), record.size());
        if (length < 0 && errno == EPIPE) {
            continue; // overwritten in the meantime: read the next one
        }
        if (length <= 0) {
            return errno == EAGAIN || length == 0;
        }
        const std::string text(record.data(), static_cast<std::size_t>(length));
        const std::size_t start = text.find(';') + 1; // 0 if there is none
        keep(text.substr(start, text.find('\n', start) - start), facts);
    }
    return true;
}

std::vector<HostFile> read_profiles() {
    std::vector<HostFile> profiles;
    for (const std::string& name : list_directory("/etc/apparmor.d").names) {
        const std::string path = "/etc/apparmor.d/" + name;
        if (auto text = read_bounded(path, largest_host_file); text && *text) {
            profiles.push_back({path, std::move(**text)});
        }
    }
    return profiles;
}

/// Of the log that begins at `from`: it is in the order of time, which two logs together are not.
void keep_newest(std::vector<std::string>& lines, std::size_t from) {
    if (lines.size() - from > max_lines) {
        const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(from);
        lines.erase(begin, lines.end() - static_cast<std::ptrdiff_t>(max_lines));
    }
}

} // namespace

/// Reads both logs, because auditd may have started late or been removed.
void apparmor(Facts& facts) {
    constexpr const char* log = "/var/log/audit/audit.log";
    const auto enabled = read_bounded("/sys/module/apparmor/parameters/enabled", 16);
    if (!enabled || !*enabled || !(*enabled)->starts_with("Y")) {
        return; // AppArmor is disabled
    }
    const auto text = read_bounded(log, 64 * 1024 * 1024);
    for (std::string_view rest = text && *text ? std::string_view(**text) : ""; !rest.empty();) {
        keep(take_line(rest), facts);
    }
    keep_newest(facts.apparmor_log, 0);
    const std::size_t lines_of_auditd = facts.apparmor_log.size();
    if (!read_kernel_log(facts) && !(text && *text)) {
        facts.skipped.push_back(
            {"AppArmor denials", std::string("cannot read ") + log + " or /dev/kmsg; run as root"});
    }
    keep_newest(facts.apparmor_log, lines_of_auditd);
    if (!facts.apparmor_log.empty()) {
        facts.apparmor_profiles = read_profiles();
    }
}

} // namespace keeper::gather
