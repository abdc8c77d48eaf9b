// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/mechanism_reader.hpp"

#include "host_config/mechanisms.hpp"
#include "host_config/started_files.hpp"

namespace keeper {

std::vector<MechanismFile> read_mechanism_files(HostPort& host, const std::string& root) {
    return with_started_files(host.mechanism_files(host_mechanisms()), root, [&](const std::string& path) {
        return host.text_file(path);
    });
}

} // namespace keeper
