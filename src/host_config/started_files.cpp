// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/started_files.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "host_config/file_entries.hpp"
#include "host_config/mechanisms.hpp"
#include "host_config/shell_reader.hpp"

namespace keeper {

namespace {

constexpr std::size_t max_started = 512;
constexpr int max_depth = 4; ///< of scripts that start scripts

/// Excludes names with a value that is only known when the script runs, and names that cannot be a file.
bool can_be_a_path(const std::string& name) {
    return !name.empty() && shell::is_known(name) && name.size() < 256 && !name.starts_with("-") &&
           name.find_first_of("*?[\n ") == std::string::npos;
}

/// Whether it is a sysctl.d(5) file that `sysctl -p` reads; scripts have other names.
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
        for (int depth = 0; depth < max_depth; ++depth) {
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
        for (const std::string& path : candidate_paths(name, folder)) {
            if (added_ >= max_started) {
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

std::vector<std::string> candidate_paths(const std::string& name, const std::string& folder) {
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
    // Packages install programs in /usr/bin and /usr/sbin, administrators their scripts here.
    return {"/usr/local/sbin/" + name, "/usr/local/bin/" + name, inside};
}

} // namespace keeper
