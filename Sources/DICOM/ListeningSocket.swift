import CDCMTK
import Glibc

/// A TCP socket that accepts connections: opened here or passed by systemd.
public struct ListeningSocket: Sendable {
    public let descriptor: Int32

    /// Takes over a socket that already listens.
    public init(passed descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// Listens on all addresses of this machine, IPv6 and IPv4; on IPv4 alone where the kernel has no IPv6.
    ///
    /// - Parameters:
    ///   - port: 0 for a free one.
    ///   - loopbackOnly: for tests and demonstrations.
    /// - Throws: `inputOutput` when the port is taken or not allowed.
    public init(port: UInt16, loopbackOnly: Bool = false) throws(DICOMError) {
        if !loopbackOnly, let both = ListeningSocket.openDualStack(port: port) {
            self.init(passed: both)
            return
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (loopbackOnly ? INADDR_LOOPBACK : INADDR_ANY).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, bound == 0, listen(descriptor, 128) == 0 else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw DICOMError(
                .inputOutput, "cannot listen on port \(port): \(reason); choose another port or stop who uses it")
        }
        self.init(passed: descriptor)
    }

    private static func openDualStack(port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var one: Int32 = 1
        var zero: Int32 = 0
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
        setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &zero, size)
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        if bound == 0, listen(descriptor, 128) == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// The port it listens on; 0 for a socket that is not TCP.
    public var port: UInt16 {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return 0 }
        return withUnsafeBytes(of: &address) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    /// Waits for a connection: the connected descriptor and the numeric address it came from, nil when none came.
    public func accept(milliseconds: Int32) -> (descriptor: Int32, address: String)? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) > 0 else { return nil }
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: 64)
        let accepted = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                let accepted = apatite_accept(descriptor, peer, &length)
                // Numbers only: a name would have to be asked for, and the scanner would wait.
                if accepted >= 0 { getnameinfo(peer, length, &host, 64, nil, 0, NI_NUMERICHOST) }
                return accepted
            }
        }
        guard accepted >= 0 else { return nil }
        let name = text(of: host)
        return (accepted, name.hasPrefix("::ffff:") ? String(name.dropFirst(7)) : name)
    }
}
