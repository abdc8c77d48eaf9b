#include <random>

#include "engine/world.hpp"

namespace keeper::test {
namespace {

/// Random hosts and declarations from a seed: the same seed is the same world, on every platform (the
/// standard's distributions are not, so they are not used).
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : generator_(seed) {}
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(generator_() % bound); }
    bool coin() { return below(2) == 0; }

  private:
    std::mt19937 generator_;
};

EndpointFlags random_endpoint_flags(Dice& dice) {
    static const std::vector<EndpointFlags> choices{
        {f_signal},
        {f_subflow},
        {f_signal, f_subflow},
        {f_signal, f_backup},
        {f_subflow, f_backup},
        {f_subflow, EndpointFlag::fullmesh},
        {f_subflow, EndpointFlag::laminar}};
    return choices[dice.below(static_cast<std::uint32_t>(choices.size()))];
}

MptcpFlags random_mptcp_flags(Dice& dice) {
    static const std::vector<MptcpFlags> choices{
        {},
        {MptcpFlag::disabled},
        {MptcpFlag::subflow},
        {MptcpFlag::signal},
        {MptcpFlag::signal, MptcpFlag::subflow},
        {MptcpFlag::subflow, MptcpFlag::backup},
        {MptcpFlag::subflow, MptcpFlag::fullmesh, MptcpFlag::also_without_default_route},
        {MptcpFlag::subflow, MptcpFlag::also_without_sysctl},
        {MptcpFlag::enabled},
        {MptcpFlag::subflow, MptcpFlag::laminar}};
    return choices[dice.below(static_cast<std::uint32_t>(choices.size()))];
}

/// Four interfaces of which NetworkManager handles up to three, and addresses that are nowhere.
void lay_down_host(World& world, Dice& dice) {
    const bool knows_laminar = dice.coin();
    world.network_manager.state.version = knows_laminar ? "1.56.0" : "1.42.4";
    const auto known_flags = [&] {
        const MptcpFlags flags = random_mptcp_flags(dice);
        return knows_laminar ? flags : flags.without(MptcpFlag::laminar);
    };
    for (int i = 1; i <= 4; ++i) {
        const std::string number = std::to_string(i);
        Link one = link(i + 1, "eth" + number, {"192.0.2." + number});
        one.default_route_v4 = dice.coin();
        world.links.present.push_back(one);
        if (i < 4 && dice.below(4) != 0) {
            Profile profile = active_profile("p" + number, one, known_flags());
            profile.activations[0].reapply_disturbs = dice.below(3) == 0;
            if (dice.below(5) == 0) {
                profile.activations[0].live = known_flags();
            }
            world.network_manager.state.profiles.push_back(profile);
        }
    }
    world.sysctls.values["enabled"] = dice.coin() ? "1" : "0";
    const bool is_old = dice.coin();
    world.path_manager.known_flags = EndpointFlags::from_raw(is_old ? 31 : 63);
    world.kernel_release = is_old ? "6.1.0-test" : "6.18.0-test";
    world.path_manager.current_limits = {dice.below(9), dice.below(9)};
    const std::uint32_t foreign = dice.below(5);
    for (std::uint32_t i = 0; i < foreign; ++i) {
        const EndpointFlags flags = random_endpoint_flags(dice) & world.path_manager.known_flags;
        world.path_manager.table.push_back(
            endpoint("10.0.0." + std::to_string(i), flags, dice.coin() ? 5 : 0, static_cast<int>(i) + 1));
    }
    world.network_manager.activate_all();
}

void lay_down_declaration(World& world, Dice& dice) {
    DesiredState& desired = world.desired;
    desired = {};
    if (dice.coin()) {
        desired.sysctls["enabled"] = declared(dice.below(4) == 0 ? "0" : "1");
    }
    if (dice.coin()) {
        desired.sysctls["add_addr_timeout"] = declared(std::to_string(dice.below(5)));
    }
    if (dice.coin()) {
        desired.subflows = declared(dice.below(10)); // 9 is refused
    }
    if (dice.coin()) {
        desired.add_addr_accepted = declared(dice.below(9));
    }
    for (std::uint32_t i = dice.below(3); i > 0; --i) {
        desired.profiles.push_back(
            rule(dice.coin() ? "*" : "p" + std::to_string(1 + dice.below(3)), random_mptcp_flags(dice)));
        const std::uint32_t activation = dice.below(6);
        desired.profiles.back().activation = activation == 0   ? Activation::reapply
                                             : activation == 1 ? Activation::defer
                                                               : Activation::automatic;
    }
    for (std::uint32_t i = dice.below(5); i > 0; --i) {
        const std::string at =
            dice.below(4) == 0 ? std::string("192.0.2.4") : "10.0.0." + std::to_string(dice.below(8));
        desired.endpoints[key(at)] =
            dice.below(4) == 0 ? absent_endpoint() : desired_endpoint(random_endpoint_flags(dice));
    }
}

/// Endpoints that no declaration names, that no profile makes, and that NetworkManager leaves alone.
std::set<std::string> untouchable(const World& world) {
    std::set<std::string> result;
    for (const Endpoint& one : world.path_manager.table) {
        const std::string at = to_string(one.key);
        if (at.starts_with("10.") && world.desired.endpoints.count(one.key) == 0 &&
            world.state.saved.endpoints.count(one.key) == 0) {
            result.insert(at + " " + std::to_string(one.flags.raw()) + " " + std::to_string(one.id.value));
        }
    }
    return result;
}

bool includes(const std::set<std::string>& all, const std::set<std::string>& part) {
    return std::includes(all.begin(), all.end(), part.begin(), part.end());
}

/// Without NetworkManager's endpoints: which of them exist follows from the live flags alone.
Snapshot keepers_view(const World& world) {
    Snapshot result = world.snapshot();
    result.live_flags.clear();
    std::erase_if(result.endpoints, [](const auto& one) { return std::get<0>(one).starts_with("192.0.2."); });
    return result;
}

constexpr std::uint32_t worlds = 400;

TEST(Property, AfterAVerifiedApplyASecondOneWritesNothing) {
    std::uint32_t verified = 0;
    for (std::uint32_t seed = 0; seed < worlds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world;
        Dice dice(seed);
        lay_down_host(world, dice);
        for (int step = 0; step < 3; ++step) {
            SCOPED_TRACE("step " + std::to_string(step));
            lay_down_declaration(world, dice);
            const std::set<std::string> foreign = untouchable(world);
            const ApplyReport first = world.apply();
            EXPECT_NE(first.verified, first.failed) << explain(first);
            EXPECT_TRUE(includes(untouchable(world), foreign)) << explain(first);
            if (!first.verified) {
                continue;
            }
            ++verified;
            static_cast<void>(world.take_writes());
            const ApplyReport second = world.apply();
            EXPECT_TRUE(second.verified && !second.changed) << explain(second);
            EXPECT_EQ(world.take_writes(), std::vector<std::string>{}) << explain(first) << explain(second);
        }
    }
    EXPECT_GT(verified, worlds);
}

TEST(Property, ResetGivesBackTheInitialWorld) {
    for (std::uint32_t seed = 0; seed < worlds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world;
        Dice dice(seed);
        lay_down_host(world, dice);
        // A foreign subflow endpoint without its address would wait for ever, so every address is there.
        world.links.present.push_back(link(9, "dummy0", {}));
        for (int i = 0; i < 8; ++i) {
            LinkAddress one;
            one.address = address("10.0.0." + std::to_string(i));
            world.links.present[3].addresses.push_back(one);
        }
        const Snapshot before = keepers_view(world);
        std::string told;
        for (int step = 0; step < 2; ++step) {
            lay_down_declaration(world, dice);
            told += explain(world.apply());
        }
        const ApplyReport reset = world.reset();
        EXPECT_TRUE(reset.verified) << told << explain(reset);
        EXPECT_EQ(keepers_view(world), before) << told << explain(reset);
    }
}

} // namespace
} // namespace keeper::test
