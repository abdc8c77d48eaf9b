#include "adapters/files/declaration_mark_file.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"

namespace keeper {

Result<DeclarationMark> DeclarationMarkFile::load() {
    constexpr std::size_t largest = 4096;
    const auto text = read_bounded(path_, largest);
    if (!text) {
        return tl::unexpected<Error>(text.error());
    }
    if (!*text) {
        return DeclarationMark{};
    }
    const auto mark = parse_declaration_mark(**text);
    if (!mark) {
        return fail(path_ + " is damaged; remove it and run `mptcp-keeper apply`");
    }
    return *mark;
}

Result<void> DeclarationMarkFile::save(const DeclarationMark& mark) {
    const std::string draft = path_ + ".new";
    const std::string text = declaration_mark_text(mark);
    {
        const UniqueFd file(
            ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
        if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            return tl::unexpected<Error>(system_error("cannot write " + draft, errno));
        }
    }
    if (::rename(draft.c_str(), path_.c_str()) != 0) {
        return tl::unexpected<Error>(system_error("cannot write " + path_, errno));
    }
    return {};
}

} // namespace keeper
