// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_reader.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "adapters/network_manager/network_manager_run.hpp"
#include "adapters/network_manager/nm_decode.hpp"
#include "adapters/network_manager/nm_methods.hpp"

namespace keeper {

namespace {

constexpr const char* context = "cannot read NetworkManager's profiles";

/// One call that reads a part of an object.
struct Read {
    enum class Part { settings, profile, active, device, hardware, applied, startup };
    Part part;
    std::string path;
    friend auto operator<=>(const Read&, const Read&) = default;
};

/// Reads parts of objects, and what these turn out to refer to. Its calls have ended or were discarded when
/// run() returns.
class Reading {
  public:
    Reading(SystemBus& bus, NmObjects& objects) : bus_(bus), objects_(objects), owner_(objects.owner) {}

    void add(Read::Part part, const std::string& path) {
        Read read{part, path};
        if (done_.insert(read).second) {
            next_.push_back(std::move(read));
        }
    }
    void add_profile(const std::string& path) {
        add(Read::Part::settings, path);
        add(Read::Part::profile, path);
    }
    /// Reads until nothing is left.
    [[nodiscard]] Result<void> run(Deadline deadline);

  private:
    void start(const Read& read, const CallWindow::Finished& finished);
    void handle(const Read& read, sd_bus_message* reply);
    void handle(const Read& read, const BusError& error);
    void handle_profile_settings(const std::string& path, sd_bus_message* reply);
    void handle_applied(const std::string& path, sd_bus_message* reply);
    void handle_startup(sd_bus_message* reply);
    void follow_active(const std::string& path);
    void follow_device(const std::string& path);
    void check(bool parsed) {
        if (!parsed && !error_) {
            error_ = unreadable_answer(context);
        }
    }

    SystemBus& bus_;
    NmObjects& objects_;
    std::string owner_; ///< the NetworkManager that is being read; it may stop in the meantime
    std::vector<Read> next_;
    std::set<Read> done_;
    std::optional<Error> error_;
};

Result<void> Reading::run(Deadline deadline) {
    while (!next_.empty()) {
        const auto wave = std::exchange(next_, {});
        const bool in_time = bus_.run_items(
            wave.size(),
            [this, &wave](std::size_t index, const CallWindow::Finished& finished) {
                start(wave[index], finished);
            },
            deadline);
        if (!in_time) {
            return fail(no_answer(context));
        }
        if (error_) {
            return fail(*error_);
        }
        if (objects_.owner != owner_) {
            return fail(not_running()); // what was read is forgotten
        }
    }
    return {};
}

NmDeviceObject device_at(const NmObjects& objects, const std::string& path) {
    const auto found = objects.devices.find(path);
    return found == objects.devices.end() ? NmDeviceObject{} : found->second;
}

MessagePtr message_of(SystemBus& bus, const NmObjects& objects, const Read& read) {
    const std::string& owner = objects.owner;
    const auto get_all = [&](const char* interface) {
        return bus.new_call(owner, read.path, nm::get_all_properties, "s", interface);
    };
    switch (read.part) {
    case Read::Part::settings:
        return bus.new_call(owner, read.path, nm::get_settings);
    case Read::Part::profile:
        return get_all(nm::profile_interface);
    case Read::Part::active:
        return get_all(nm::active_interface);
    case Read::Part::device:
        return get_all(nm::device_interface);
    case Read::Part::hardware:
        return get_all(hardware_interface(device_at(objects, read.path)));
    case Read::Part::applied:
        return bus.new_call(owner, read.path, nm::get_applied_connection, "u", 0U);
    case Read::Part::startup:
        return bus.new_call(owner, read.path, nm::get_property, "ss", nm::manager_interface, "Startup");
    }
    return nullptr;
}

/// What follows from a device's properties.
void complete_device(NmObjects& objects, const std::string& path) {
    NmDeviceObject& device = objects.devices[path];
    device.ifindex = present_ifindex(device.interface);
    for (const std::string& config : {device.ip4_config, device.ip6_config}) {
        if (config.size() > 1) { // "/" is none
            objects.config_devices[config] = path;
        }
    }
}

void Reading::start(const Read& read, const CallWindow::Finished& finished) {
    bus_.call(message_of(bus_, objects_, read), [this, read, finished](const Reply& reply) {
        if (objects_.owner != owner_) {
            // Forgotten: run() reports it.
        } else if (reply) {
            handle(read, *reply);
        } else {
            handle(read, reply.error());
        }
        finished();
    });
}

void Reading::handle(const Read& read, sd_bus_message* reply) {
    BusReader reader(reply);
    switch (read.part) {
    case Read::Part::settings:
        handle_profile_settings(read.path, reply);
        return;
    case Read::Part::profile:
        decode_profile(reader, objects_.profiles[read.path]);
        break;
    case Read::Part::active:
        decode_active(reader, objects_.actives[read.path]);
        if (objects_.actives[read.path].is_over()) {
            objects_.actives.erase(read.path);
        } else {
            follow_active(read.path);
        }
        break;
    case Read::Part::device: {
        const bool is_new = objects_.devices.count(read.path) == 0;
        decode_device(reader, objects_.devices[read.path]);
        objects_.devices[read.path].is_applied_unread = false; // read again if it is still active
        complete_device(objects_, read.path);
        if (is_new || objects_.devices[read.path].identity.type == "modem") {
            add(Read::Part::hardware, read.path);
        }
        follow_device(read.path);
        break;
    }
    case Read::Part::hardware:
        decode_hardware(reader, objects_.devices[read.path]);
        break;
    case Read::Part::applied:
        handle_applied(read.path, reply);
        return;
    case Read::Part::startup:
        handle_startup(reply);
        return;
    }
    check(reader.ok());
}

/// An error that means that the object no longer exists, or is not visible to us, is not fatal.
void Reading::handle(const Read& read, const BusError& error) {
    const bool is_gone = classify(error) == BusFailure::gone;
    const Error meaning = to_error(context, error);
    if (!is_gone && meaning.kind != ErrorKind::not_permitted) {
        if (read.part != Read::Part::hardware && !error_) {
            error_ = meaning;
        }
        return;
    }
    switch (read.part) {
    case Read::Part::settings:
    case Read::Part::profile:
        if (is_gone) {
            objects_.profiles.erase(read.path);
        } else {
            objects_.profiles[read.path].settings.reset();
        }
        break;
    case Read::Part::active:
        objects_.actives.erase(read.path);
        break;
    case Read::Part::device:
        objects_.devices.erase(read.path);
        break;
    case Read::Part::applied:
        if (const auto device = objects_.devices.find(read.path); device != objects_.devices.end()) {
            device->second.applied.reset();
            device->second.is_applied_unread = true;
        }
        break;
    case Read::Part::hardware:
    case Read::Part::startup:
        break;
    }
}

void Reading::handle_profile_settings(const std::string& path, sd_bus_message* reply) {
    auto settings = read_settings(reply);
    check(settings.has_value());
    objects_.profiles[path].settings = std::move(settings);
}

void Reading::handle_applied(const std::string& path, sd_bus_message* reply) {
    NmDeviceObject& device = objects_.devices[path];
    device.applied = read_settings(reply);
    device.is_applied_unread = false;
    check(device.applied.has_value());
}

void Reading::handle_startup(sd_bus_message* reply) {
    BusReader reader(reply);
    objects_.is_starting = reader.bool_variant();
    check(reader.ok());
}

void Reading::follow_active(const std::string& path) {
    const NmActiveObject& active = objects_.actives[path];
    if (!active.profile.empty() && objects_.profiles.count(active.profile) == 0) {
        add_profile(active.profile);
    }
    for (const std::string& device : active.devices) {
        if (objects_.devices.count(device) == 0) {
            add(Read::Part::device, device);
        }
        if (active.is_activated() && !active.is_external()) {
            add(Read::Part::applied, device);
        }
    }
}

void Reading::follow_device(const std::string& path) {
    const std::string& active = objects_.devices[path].active;
    if (active.size() > 1) {
        add(Read::Part::active, active);
    }
}

/// A profile's own signals may also mean that NetworkManager has taken over its device.
void add_changed(Reading& reading, const NmObjects& objects, const std::string& path) {
    if (path.starts_with(nm::settings_path)) {
        reading.add_profile(path);
        for (const auto& [active_path, active] : objects.actives) {
            if (active.profile == path) {
                reading.add(Read::Part::active, active_path);
            }
        }
    } else if (path.starts_with(nm::actives_path)) {
        reading.add(Read::Part::active, path);
    } else if (path.starts_with(nm::devices_path)) {
        reading.add(Read::Part::device, path);
    }
}

Result<void> get_managed_objects(SystemBus& bus, NmObjects& objects, Deadline deadline) {
    std::optional<Result<void>> done;
    bus.call(bus.new_call(nm::service, nm::objects_path, nm::get_managed_objects), [&](const Reply& reply) {
        if (!reply) {
            const bool is_gone = classify(reply.error()) != BusFailure::other;
            done = fail(is_gone ? not_running() : to_error(context, reply.error()));
            return;
        }
        const char* sender = sd_bus_message_get_sender(*reply);
        if (!decode_objects(*reply, objects)) {
            done = fail(unreadable_answer(context));
        } else if (sender == nullptr || objects.version.empty()) {
            done = fail(not_running()); // it has just started, and has not exported its objects yet
        } else {
            objects.owner = sender;
            done = Result<void>();
        }
    });
    if (!bus.run_until([&] { return done.has_value(); }, deadline)) {
        bus.cancel_calls();
        return fail(
            bus.is_ready() || !bus.is_open()
                ? no_answer(context)
                : Error{
                      ErrorKind::timed_out,
                      "cannot query NetworkManager: the system message bus did not answer in time"});
    }
    return *done;
}

} // namespace

Result<void> read_objects(SystemBus& bus, NmObjects& objects, Deadline deadline) {
    // What changes from now on is read again at the next opportunity.
    objects.forget();
    Result<void> done = get_managed_objects(bus, objects, deadline);
    if (done) {
        std::erase_if(objects.actives, [](const auto& known) { return known.second.is_over(); });
        for (const auto& [path, device] : objects.devices) {
            complete_device(objects, path);
        }
        Reading reading(bus, objects);
        for (const auto& [path, profile] : objects.profiles) {
            reading.add(Read::Part::settings, path);
        }
        for (const std::string& device : objects.active_devices()) {
            reading.add(Read::Part::applied, device);
        }
        done = reading.run(deadline);
    }
    if (done && !objects.is_read()) {
        done = fail(not_running()); // it stopped at the last moment
    }
    if (!done) {
        objects.forget();
    }
    return done;
}

Result<void> read_changed_objects(
    SystemBus& bus, NmObjects& objects, const std::set<std::string>& devices, Deadline deadline) {
    const auto changed = std::exchange(objects.changed, {});
    Reading reading(bus, objects);
    for (const std::string& path : changed) {
        add_changed(reading, objects, path);
    }
    const auto active = objects.active_devices();
    for (const std::string& device : devices) {
        if (active.count(device) != 0) {
            reading.add(Read::Part::applied, device);
        }
    }
    if (objects.is_starting) {
        reading.add(Read::Part::startup, nm::manager_path);
    }
    Result<void> done = reading.run(deadline);
    if (!done && objects.is_read()) {
        objects.changed.insert(changed.begin(), changed.end());
    }
    return done;
}

} // namespace keeper
