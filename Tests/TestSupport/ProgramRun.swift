public import Foundation

/// One run of a program that was built beside the tests, from start to end.
public struct ProgramRun {
    public var standardOutput: Data
    public var standardError: String
    public var status: Int32
    public var wasSignalled: Bool

    /// - Parameter name: of an executable target.
    /// - Throws: when the program was not built.
    public init(_ name: String, _ arguments: [String] = [], input: Data = Data()) throws {
        let programs = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        let process = Process()
        process.executableURL = programs.appendingPathComponent(name)
        process.arguments = arguments
        let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: input)
        try standardInput.fileHandleForWriting.close()
        standardOutput = try output.fileHandleForReading.readToEnd() ?? Data()
        standardError = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
        wasSignalled = process.terminationReason == .uncaughtSignal
    }
}
