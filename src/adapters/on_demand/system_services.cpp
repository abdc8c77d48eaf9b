// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/on_demand/system_services.hpp"

#include <string>

#include <dlfcn.h>

namespace keeper {

namespace {

/// The reason names the file.
tl::unexpected<Error> cannot_load(const std::string& reason) {
    return fail(
        ErrorKind::unavailable,
        "cannot load mptcp-keeper's module for NetworkManager and systemd: " + reason +
            "; reinstall the package mptcp-keeper");
}

} // namespace

Result<SystemServices*> OnDemandServices::get() {
    if (services_) {
        return services_.get();
    }
    void* const loaded = ::dlopen(path_, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (loaded == nullptr) {
        return cannot_load(::dlerror());
    }
    const auto* module = static_cast<const SystemServicesModule*>(::dlsym(loaded, system_services_symbol));
    if (module == nullptr || std::string(module->version) != KEEPER_VERSION) {
        return cannot_load(
            std::string(path_) + " belongs to another version of the program than " KEEPER_VERSION);
    }
    services_.reset(module->create());
    return services_.get();
}

} // namespace keeper
