import Foundation

/// A program of somebody else's that a test needs: what it cannot have is its failure.
public final class Tool: @unchecked Sendable {
    // Used by the test that started it.
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    /// Starts a program found on the path, or by its own path.
    public init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        // As every installation should: without it each image waits 40 ms for Nagle.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["TCP_NODELAY": "1"]) { $1 }.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = output
        process.standardInput = input
        try process.run()
    }

    /// A test that fails half-way leaves nothing running.
    deinit {
        try? input.fileHandleForWriting.close()
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Runs to the end: exit status and all it said.
    public static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        try Tool(name, arguments, environment: environment).finish()
    }

    public func finish() -> (status: Int32, output: String) {
        try? input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// The first line it says.
    public func readLine() -> String {
        var line = Data()
        while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte.first ?? 10 != 10 { line += byte }
        return String(decoding: line, as: UTF8.self)
    }

    /// Kills it: a child that is started from a concurrency thread has SIGTERM blocked.
    public func terminate() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Runs as root: as it is for root, through sudo for everybody else.
    public static func runAsRoot(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        getuid() == 0 ? try run(name, arguments) : try run("sudo", ["-n", name] + arguments)
    }

    /// The interpreter of the outside readers.
    public static var python: String {
        if let named = ProcessInfo.processInfo.environment["APATITE_PYTHON"] { return named }
        let own = FileManager.default.currentDirectoryPath + "/.venv/bin/python"
        return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
    }

    /// A program of this package, beside the running test.
    public static func built(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = (own as NSString).deletingLastPathComponent + "/" + name
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        let named = CommandLine.arguments[0]
        return ((named as NSString).deletingLastPathComponent as NSString).appendingPathComponent(name)
    }

    /// A TCP port of the loopback interface that nobody listens on now.
    public static func freePort() throws -> UInt16 {
        let line = try run(
            "python3", ["-c", "import socket; s=socket.socket(); s.bind(('127.0.0.1',0)); print(s.getsockname()[1])"])
        guard let port = UInt16(line.output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.fileReadUnknown)
        }
        return port
    }
}
