// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/command_line.hpp"
#include "config/config.hpp"
#include "manual/completions.hpp"
#include "manual/pages.hpp"

// Run by the build: mptcp-keeper-manual MANUAL.md VERSION FOLDER writes the manual pages, the shell
// completions and the schema of the configuration to the folder. What the program prints has no second
// source.

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file.exceptions(std::ios::failbit | std::ios::badbit);
    file << text << std::flush;
}

void make(const std::string& source, const std::string& version, const std::filesystem::path& folder) {
    std::ifstream file;
    file.exceptions(std::ios::failbit | std::ios::badbit);
    file.open(source, std::ios::binary);
    const std::string manual{std::istreambuf_iterator<char>(file), {}};
    const auto program = keeper::cli::describe_command_line();
    std::filesystem::create_directories(folder);
    for (const auto& page :
         keeper::manual::make_pages(keeper::manual::with_commands(manual, program), version)) {
        write(folder / page.file, page.text);
    }
    write(folder / "mptcp-keeper.bash", keeper::manual::bash_completion(program));
    write(folder / "_mptcp-keeper", keeper::manual::zsh_completion(program));
    write(folder / "mptcp-keeper.fish", keeper::manual::fish_completion(program));
    write(folder / "schema.json", keeper::config_schema());
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: mptcp-keeper-manual MANUAL.md VERSION FOLDER\n");
        return 64;
    }
    try {
        make(argv[1], argv[2], argv[3]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mptcp-keeper-manual: %s\n", error.what());
        return 1;
    }
    return 0;
}
