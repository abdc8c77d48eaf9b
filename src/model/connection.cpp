#include "model/connection.hpp"

namespace keeper {

std::string to_string(SocketState state) {
    switch (state) {
    case SocketState::established:
        return "established";
    case SocketState::syn_sent:
        return "syn-sent";
    case SocketState::syn_recv:
        return "syn-recv";
    case SocketState::fin_wait_1:
        return "fin-wait-1";
    case SocketState::fin_wait_2:
        return "fin-wait-2";
    case SocketState::time_wait:
        return "time-wait";
    case SocketState::close:
        return "close";
    case SocketState::close_wait:
        return "close-wait";
    case SocketState::last_ack:
        return "last-ack";
    case SocketState::listen:
        return "listen";
    case SocketState::closing:
        return "closing";
    }
    return "unknown";
}

} // namespace keeper
