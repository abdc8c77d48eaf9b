// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/native_programs.hpp"

#include <algorithm>
#include <array>

#include <fnmatch.h>

#include "base/text/path_name.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

/// From the list of mptcp.dev/apps and the documentation of the programs. Go programs such as Caddy and
/// Traefik have no option: GODEBUG decides.
constexpr std::array native_programs{
    NativeProgram{
        .name = "nginx or freenginx",
        .executables = "nginx freenginx",
        .version = "1.29.7 (freenginx: 1.27.5)",
        .option = "listen 443 ssl multipath;",
        .removal = "remove `multipath` from its `listen` lines"},
    NativeProgram{
        .name = "Angie",
        .executables = "angie",
        .version = "1.10",
        .option = "listen 443 ssl multipath;",
        .removal = "remove `multipath` from its `listen` lines"},
    NativeProgram{
        .name = "HAProxy",
        .executables = "haproxy",
        .version = "3.1",
        .option = "bind mptcp@:443",
        .removal = "remove `mptcp@` from its `bind` and `server` lines"},
    NativeProgram{
        .name = "Apache",
        .executables = "apache2 httpd",
        .version = "2.5.1",
        .option = "Listen 443 options=multipathtcp",
        .removal =
            "remove `options=multipathtcp` from its `Listen` lines and `multipathtcp=On` from its `ProxyPass` lines"},
    NativeProgram{
        .name = "lighttpd",
        .executables = "lighttpd",
        .version = "1.4.76",
        .option = "server.feature-flags += ( \"server.network-mptcp\" => \"enable\" )",
        .removal = "remove \"server.network-mptcp\" from its server.feature-flags"},
    NativeProgram{
        .name = "Apache Traffic Server",
        .executables = "traffic_server [TS_MAIN]",
        .version = "9.2.4",
        .option = "server_ports: 443:ssl:mptcp",
        .removal = "remove `mptcp` from its `server_ports`"},
    NativeProgram{
        .name = "Envoy",
        .executables = "envoy",
        .version = "1.21",
        .option = "enable_mptcp: true",
        .removal = "remove `enable_mptcp` from its listeners"},
    NativeProgram{
        .name = "Valkey",
        .executables = "valkey-server",
        .version = "9.0",
        .option = "mptcp yes",
        .removal = "remove `mptcp yes` and `repl-mptcp yes` from its configuration"},
    NativeProgram{
        .name = "curl",
        .executables = "curl",
        .version = "8.9",
        .option = "--mptcp",
        .removal = "remove `--mptcp` from its command"},
    NativeProgram{
        .name = "iperf3",
        .executables = "iperf3",
        .version = "3.19",
        .option = "--mptcp",
        .removal = "remove `--mptcp` from its command"},
    NativeProgram{
        .name = "QEMU",
        .executables = "qemu-system-*",
        .version = "6.1",
        .option = "-incoming tcp:0:4444,mptcp=on",
        .removal = "remove `mptcp` from the addresses of its sockets"},
    NativeProgram{
        .name = "V2Ray",
        .executables = "v2ray",
        .version = "5.17",
        .option = "\"sockopt\": {\"mptcp\": true}",
        .removal = "remove `\"mptcp\": true` from its configuration"},
    NativeProgram{
        .name = "Xray",
        .executables = "xray",
        .version = "1.8.6",
        .option = "\"sockopt\": {\"tcpMptcp\": true}",
        .removal = "remove `\"tcpMptcp\": true` from its configuration"},
    NativeProgram{
        .name = "sing-box",
        .executables = "sing-box",
        .version = "1.4",
        .option = "\"tcp_multi_path\": true",
        .removal = "remove `\"tcp_multi_path\": true` from its configuration"},
    NativeProgram{
        .name = "Shadowsocks libev",
        .executables = "ss-server ss-local ss-redir ss-tunnel",
        .version = "3.3.6",
        .option = "--mptcp",
        .removal = "remove `--mptcp` from its command"},
    NativeProgram{
        .name = "Shadowsocks Rust",
        .executables = "ssserver sslocal",
        .version = "1.16",
        .option = "--mptcp",
        .removal = "remove `--mptcp` from its command"},
    NativeProgram{
        .name = "dae",
        .executables = "dae",
        .version = "0.8",
        .option = "global { mptcp: true }",
        .removal = "remove `mptcp: true` from its configuration"}};

bool is_executable_of(const NativeProgram& program, const std::string& name) {
    const auto globs = words_of(program.executables);
    return std::any_of(globs.begin(), globs.end(), [&](std::string_view glob) {
        // the name of a thread may be in brackets, as in "[TS_MAIN]"
        const bool is_glob = glob.find('*') != glob.npos;
        return glob == name || (is_glob && fnmatch(std::string(glob).c_str(), name.c_str(), 0) == 0);
    });
}

} // namespace

const NativeProgram* find_native_program(std::string_view executable) {
    const std::string name = base_name(executable);
    const auto found =
        std::find_if(native_programs.begin(), native_programs.end(), [&](const NativeProgram& program) {
            return is_executable_of(program, name);
        });
    return found == native_programs.end() ? nullptr : &*found;
}

std::string describe_native_option(std::string_view executable) {
    const NativeProgram* program = find_native_program(executable);
    return program == nullptr
               ? ""
               : std::string(program->name) +
                     " has an option of its own, which is better than any hook: from " +
                     std::string(program->version) + ", `" + std::string(program->option) + "`";
}

} // namespace keeper
