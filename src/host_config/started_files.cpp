#include "host_config/started_files.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "host_config/file_entries.hpp"
#include "host_config/mechanisms.hpp"
#include "host_config/shell_reader.hpp"

namespace keeper {

namespace {

constexpr std::size_t most_started = 512;
constexpr int deepest = 4; ///< scripts that start scripts

/// Names with a value that is known only when the script runs, and what cannot be a file.
bool can_be_a_path(const std::string& name) {
    return !name.empty() && shell::is_known(name) && name.size() < 256 && !name.starts_with("-") &&
           name.find_first_of("*?[\n ") == std::string::npos;
}

/// A file of sysctl.d(5) that `sysctl -p` reads; scripts have other names.
bool has_values(const HostFile& file) {
    return file.path.ends_with(".conf") && !file.text.starts_with("#!");
}

class Collection {
  public:
    Collection(std::vector<MechanismFile> files, const std::string& root, const ReadHostFile& read)
        : files_(std::move(files)), root_(root), read_(read) {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            by_path_[files_[i].file.path] = i;
        }
    }

    std::vector<MechanismFile> follow() {
        std::size_t done = 0;
        for (int depth = 0; depth < deepest; ++depth) {
            const std::size_t end = files_.size();
            for (; done < end; ++done) {
                follow(done);
            }
        }
        return std::move(files_);
    }

  private:
    void follow(std::size_t index) {
        std::string folder = working_folder(files_[index]);
        if (!root_.empty() && folder.starts_with(root_)) {
            folder.erase(0, root_.size());
        }
        for (const FileEntry& entry : entries_of(files_[index])) {
            for (const std::string& name : entry.starts) {
                add(name, folder, index);
            }
        }
    }

    void add(const std::string& name, const std::string& folder, std::size_t starter) {
        if (!can_be_a_path(name) ||
            !asked_.insert(folder + "\n" + name + "\n" + files_[starter].idle).second) {
            return;
        }
        for (const std::string& path : places_of_started(name, folder)) {
            if (added_ >= most_started) {
                return;
            }
            if (auto file = read_(path)) {
                keep(std::move(*file), starter);
                return;
            }
        }
    }

    void keep(HostFile file, std::size_t starter) {
        const auto known = by_path_.find(file.path);
        if (known != by_path_.end()) {
            MechanismFile& there = files_[known->second];
            if (files_[starter].idle.empty() && !there.started_by.empty()) {
                there.idle.clear();
            }
            return;
        }
        by_path_[file.path] = files_.size();
        ++added_;
        const MechanismFile& one = files_[starter];
        const HostMechanism* mechanism = one.mechanism->syntax == Syntax::interfaces ? one.mechanism
                                         : has_values(file)                          ? &loaded_values()
                                                                                     : &started_scripts();
        files_.push_back(
            {.file = std::move(file), .mechanism = mechanism, .idle = one.idle, .started_by = one.file.path});
    }

    std::vector<MechanismFile> files_;
    const std::string& root_;
    const ReadHostFile& read_;
    std::map<std::string, std::size_t> by_path_;
    std::set<std::string> asked_;
    std::size_t added_ = 0;
};

} // namespace

std::vector<MechanismFile>
with_started_files(std::vector<MechanismFile> files, const std::string& root, const ReadHostFile& read) {
    return Collection(std::move(files), root, read).follow();
}

std::vector<std::string> places_of_started(const std::string& name, const std::string& folder) {
    if (name.starts_with("/")) {
        return {name};
    }
    if (name.starts_with("~/") || name.starts_with("%h/")) {
        return {"/root" + name.substr(name.find('/'))};
    }
    const std::string inside =
        folder + (folder.ends_with("/") ? "" : "/") + (name.starts_with("./") ? name.substr(2) : name);
    if (name.find('/') != std::string::npos) {
        return {inside};
    }
    // Programs of packages are in /usr/bin and /usr/sbin; the scripts of administrators are here.
    return {"/usr/local/sbin/" + name, "/usr/local/bin/" + name, inside};
}

} // namespace keeper
