// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>

#include "daemon/metrics_writer.hpp"

namespace keeper::fake {

/// Files in memory.
class FakeMetricsFile final : public MetricsFilePort {
  public:
    std::map<std::string, std::string> files;
    int writes = 0;
    std::optional<Error> failure;

    [[nodiscard]] Result<void> replace(const std::string& path, const std::string& text) override {
        ++writes;
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        files[path] = text;
        return {};
    }
    [[nodiscard]] Result<void> remove(const std::string& path) override {
        files.erase(path);
        return {};
    }

    /// The value of a sample, as text; "" if there is none.
    [[nodiscard]] std::string value(const std::string& path, const std::string& name) const {
        const auto file = files.find(path);
        const std::string line = "\nmptcp_keeper_" + name + " ";
        const std::size_t at = file == files.end() ? std::string::npos : file->second.find(line);
        if (at == std::string::npos) {
            return "";
        }
        const std::size_t begin = at + line.size();
        return file->second.substr(begin, file->second.find('\n', begin) - begin);
    }
};

/// What a daemon without declared metrics needs.
inline MetricsWriter::Dependencies metrics_of(MetricsFilePort& file, std::string on_disk = "") {
    return {
        .file = file,
        .netstat = [] { return Result<std::string>("MPTcpExt: MPCurrEstab\nMPTcpExt: 1\n"); },
        .fingerprint_on_disk = [on_disk] { return std::optional(on_disk); },
        .is_try_pending = [] { return false; },
        .version = "1.2.3"};
}

} // namespace keeper::fake
