internal import CSystemd

/// Listening TCP sockets that the service manager opened for us and passed by number.
///
/// Reference: sd_listen_fds(3)
public enum PassedSockets {
    /// Taken once: the environment variables that announce them are removed, so that no worker inherits them.
    public static func take() -> [Int32] {
        let count = sd_listen_fds(1)
        guard count > 0 else { return [] }
        return (0..<count).map { SD_LISTEN_FDS_START + $0 }.filter { descriptor in
            sd_is_socket(descriptor, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1) > 0
        }
    }
}
