// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/executable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "adapters/files/unique_fd.hpp"
#include "model/go_build.hpp"

namespace keeper {

namespace {

/// Linkers create a few dozen segments and sections. A file with many more may be made to keep its reader
/// busy; any user may run one.
constexpr std::size_t most_headers = 512;

/// Reads a plain structure at that offset of the file.
template <class T>
bool read_at(int fd, std::uint64_t offset, T& value) {
    return pread(fd, &value, sizeof(value), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(sizeof(value));
}

/// 32-bit and 64-bit files differ only in the width of their fields.
template <class Header, class Segment, class Section>
void inspect(int fd, Executable& executable) {
    Header header{};
    if (!read_at(fd, 0, header)) {
        return;
    }
    executable.is_known = true;
    for (std::size_t i = 0; i < std::min<std::size_t>(header.e_phnum, most_headers); ++i) {
        Segment segment{};
        if (read_at(fd, header.e_phoff + i * header.e_phentsize, segment) && segment.p_type == PT_INTERP) {
            executable.is_dynamic = true;
        }
        if (segment.p_type == PT_NOTE && segment.p_filesz >= 16) {
            // A note named "Go" contains the build id of Go's linker; `strip` keeps it.
            std::array<char, 16> note{};
            if (read_at(fd, segment.p_offset, note) && std::memcmp(note.data() + 12, "Go\0", 4) == 0) {
                executable.is_go = true;
            }
        }
    }
    Section names{};
    const std::uint64_t table = header.e_shoff;
    if (table == 0 || !read_at(fd, table + std::uint64_t{header.e_shstrndx} * header.e_shentsize, names)) {
        return;
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(header.e_shnum, most_headers); ++i) {
        Section section{};
        std::array<char, 20> name{};
        if (read_at(fd, table + i * header.e_shentsize, section) &&
            pread(fd, name.data(), name.size() - 1, static_cast<off_t>(names.sh_offset + section.sh_name)) >
                0) {
            const std::string_view text(name.data());
            executable.is_go = executable.is_go || text == ".go.buildinfo" || text == ".note.go.buildid";
            std::array<char, go_build_header> build{};
            if (text == ".go.buildinfo" &&
                pread(fd, build.data(), build.size(), static_cast<off_t>(section.sh_offset)) > 0) {
                executable.go_version = go_version_of({build.data(), build.size()}).value_or("");
            }
        }
    }
}

} // namespace

Executable inspect_executable(const std::string& file) {
    Executable executable;
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<unsigned char, EI_NIDENT> identity{};
    if (!fd || !read_at(fd.get(), 0, identity) || std::memcmp(identity.data(), ELFMAG, SELFMAG) != 0) {
        return executable;
    }
    constexpr unsigned char own_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
    executable.is_other_class = identity[EI_CLASS] != own_class;
    if (identity[EI_CLASS] == ELFCLASS64) {
        inspect<Elf64_Ehdr, Elf64_Phdr, Elf64_Shdr>(fd.get(), executable);
    } else {
        inspect<Elf32_Ehdr, Elf32_Phdr, Elf32_Shdr>(fd.get(), executable);
    }
    struct stat status {};
    if (fstat(fd.get(), &status) == 0) {
        executable.is_secure = (status.st_mode & (S_ISUID | S_ISGID)) != 0;
    }
    if (fgetxattr(fd.get(), "security.capability", nullptr, 0) > 0) {
        executable.is_secure = true;
    }
    return executable;
}

} // namespace keeper
